// The list of a catalogue that is in the page as a whole; the attributes of its cards say which values they have.

import { listed } from "./dom.js";
import { partCache } from "./parts.js";
import { load } from "./whole_index.js";
import { fold } from "./words.js";

// For each value its position among the sorted values; equal values have the same.
const ranked = (values, compare) => {
  const place = new Map([...new Set(values)].sort(compare).map((value, number) => [value, number]));
  return Uint32Array.from(values, (value) => place.get(value));
};
// Names are sorted from their first letter or digit on, as in the pages.
const SIGNS = /^[^\p{L}\p{N}]+(?=[\p{L}\p{N}])/u;
const up = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
// Computed when it is first needed: most readers only look at the list.
const once = (make) => {
  let made;
  return () => (made ??= make());
};

// `index` is the path of the index, `facets` are those of the page (see facet_panel.js).
export const localList = (list, index, facets) => {
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
    const numbers = (text) => listed(text).map((value) => known.get(value).id);
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
    name: once(() => ranked(cards.map((card) => fold(card.dataset.name).replace(SIGNS, "")), up)),
  };
  const parts = partCache();
  const search = () => {
    const found = parts.get("index", (again) => load(index, slugs, again));
    parts.requireAll();
    return found;
  };
  return {
    isRemote: false,
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
