// The list of a catalogue that stands whole in the page: its cards are there, and say which values they have.

import { shelf } from "./parts.js";
import { load } from "./whole_index.js";
import { fold } from "./words.js";

const words = (text) => (text ?? "").split(" ").filter(Boolean);

// For each value its place in the sorted values; equal ones have the same.
const ranked = (values, compare) => {
  const place = new Map([...new Set(values)].sort(compare).map((value, number) => [value, number]));
  return Uint32Array.from(values, (value) => place.get(value));
};
const up = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
// What is worked out when it is first asked for: most readers only look at the list.
const once = (make) => {
  let made;
  return () => (made ??= make());
};

// `index` is the address of the index, `facets` say what the page says of facets.
export const listHere = (list, index, facets) => {
  const cards = [...list.children];
  const entries = cards.map((card, place) => ({
    card,
    place,
    slug: card.dataset.slug,
    link: card.querySelector("h3 a"),
    summary: card.querySelector(".summary"),
  }));
  const slugs = entries.map(({ slug }) => slug);
  const columns = once(() => facets.map(({ key, known, choices }) => {
    const sets = new Map();
    const numbers = (text) => words(text).map((value) => known.get(value).id);
    const column = Uint32Array.from(cards, (card) => {
      const [sure, unsure] = [card.getAttribute(`data-${key}`), card.getAttribute(`data-maybe-${key}`)];
      const name = `${sure}|${unsure}`;
      if (!sets.has(name)) sets.set(name, { number: sets.size, values: [numbers(sure), numbers(unsure)] });
      return sets.get(name).number;
    });
    return { sets: [...sets.values()].map(({ values }) => values), column, size: choices.length };
  }));
  const orders = {
    newest: once(() => ranked(cards.map((card) => card.dataset.date), (a, b) => up(b, a))),
    name: once(() => ranked(cards.map((card) => fold(card.dataset.name)), up)),
  };
  const parts = shelf();
  const search = () => {
    const found = parts.get("index", (again) => load(index, slugs, again));
    parts.settle();
    return found;
  };
  return {
    isFar: false,
    parts,
    total: entries.length,
    standing: entries,
    search,
    prepare: search,
    names: ({ place }) => search().namesOf(place),
    facets: columns,
    ranks: (sort) => orders[sort]?.() ?? null,
    entry: (place) => entries[place],
    labels: ({ place }, number) => {
      const { sets, column } = columns()[number];
      return sets[column[place]][0].map((value) => facets[number].choices[value].text);
    },
    hide: (entries) => {
      for (const { card } of entries) card.hidden = true;
    },
  };
};
