// The list of a large catalogue: the page has its first part; cards, index and facets are fetched as they are needed.

import { listed } from "./dom.js";
import { IndexFailure, page, partCache } from "./parts.js";
import { fromGaps, numbers } from "./packed.js";
import { sharded } from "./shards.js";
import { canBegin } from "./words.js";

const BYTES_KEPT = 20_000_000;
const BYTES_OF_A_CARD = 12_000; // with its elements

const entryOf = (card, place) => ({
  card,
  place,
  slug: card.dataset.slug,
  link: card.querySelector("h3 a"),
  summary: card.querySelector(".summary"),
});

// `index` is the path of the manifest, `folder` that of the cards, which is named by their content; `facets` are those of the page
// (see facet_panel.js).
export const remoteList = (list, index, folder, total, facets) => {
  const parts = partCache(BYTES_KEPT);
  const files = sharded(parts, index);
  const build = folder.match(/([0-9a-f]+)\/cards\/$/u)[1];
  const read = async (number, again) => {
    const found = (await page(`${folder}${number}.html`, again)).querySelector("#cards");
    if (found === null) throw new IndexFailure("cut");
    if (found.dataset.build !== build) throw new IndexFailure("build");
    // Their links are relative to the page they come from.
    for (const link of found.querySelectorAll("[href]")) link.setAttribute("href", link.href);
    const cards = [...found.children];
    if (cards.length !== Number(found.dataset.count)) throw new IndexFailure("cut");
    const first = Number(found.dataset.first);
    const value = cards.map((card, at) => entryOf(document.adoptNode(card), first + at));
    return { value, weight: BYTES_OF_A_CARD * value.length };
  };
  const having = (key) => (slug, isOptional) => {
    const facet = facets.find((each) => each.key === key);
    const choice = facet.known.get(slug);
    if (choice?.where) return choice.where;
    return choice?.shown ? files.havingShown(key, slug, isOptional) : (choiceOf(files.value(key, slug))?.where ?? null);
  };
  // A value from a file: its label, and the places of the entries that have it.
  const choiceOf = (found) => found && { number: found[0], value: found[1], text: found[2], where: fromGaps(numbers(found[3])) };
  return {
    isRemote: true,
    parts,
    total,
    search: files.search,
    prepare: files.search,
    names: ({ card }) => [card.dataset.name, ...JSON.parse(card.dataset.said).names],
    // The columns that are needed, and optional ones that have arrived.
    facets: (isNeeded, isWanted) =>
      facets.map(({ key, isWide, choices }, number) => {
        if (isWide) return { having: having(key) };
        const column = isNeeded(number) || isWanted(number) ? files.column(key, !isNeeded(number)) : null;
        return { sets: null, ...column, size: choices.length };
      }),
    ranks: (sort) => (sort === "relevance" ? null : files.ranks(sort)),
    entry: (place) => {
      const size = files.cardsInFile();
      const number = Math.floor(place / size);
      return parts.get(`cards/${number}`, (again) => read(number, again))?.[place - number * size];
    },
    labels: ({ card }, number) => {
      const { key, isWide, known } = facets[number];
      if (isWide) return JSON.parse(card.dataset.said)[key] ?? [];
      return listed(card.getAttribute(`data-${key}`)).map((value) => known.get(value).text);
    },
    // All at once if none stays: removing two hundred one by one takes several times as long.
    hide: (entries) => {
      if (entries.length === list.childElementCount) list.replaceChildren();
      else for (const { card } of entries) card.remove();
    },
    // What the page shows without a query or filters.
    standing: [...list.children].map(entryOf),
    value: (key, slug) => choiceOf(files.value(key, slug)),
    // { values: up to `most` values with words that begin with what was typed, most frequent first, left: how many more there are }.
    // A short word must match a whole word.
    suggested: (key, typed, most) => {
      const found = typed.map((word) => new Map(files.valuesBy(key, word, canBegin(word)).map((each) => [each[0], each])));
      const [one, ...others] = found;
      const every = [...one.values()].filter(([number]) => others.every((other) => other.has(number))).sort((a, b) => a[0] - b[0]);
      return { values: every.slice(0, most).map(choiceOf), left: Math.max(0, every.length - most) };
    },
  };
};
