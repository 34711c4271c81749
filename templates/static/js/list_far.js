// The list of a large catalogue: the page has its first part, and everything else is fetched as it is shown or asked for.

import { IndexFailure, page, shelf } from "./parts.js";
import { numbers, raised } from "./packed.js";
import { divided } from "./shards.js";
import { PREFIX_FROM } from "./words.js";

const BYTES_KEPT = 20_000_000;
const BYTES_OF_A_CARD = 12_000; // with its elements

const entryOf = (card, place) => ({
  card,
  place,
  slug: card.dataset.slug,
  link: card.querySelector("h3 a"),
  summary: card.querySelector(".summary"),
});

// `index` is the address of the manifest, `folder` that of the cards, which stand in a folder with the name of their content;
// `facets` say what the page says of facets.
export const listFar = (list, index, folder, total, facets) => {
  const parts = shelf(BYTES_KEPT);
  const files = divided(parts, index);
  const build = folder.match(/([0-9a-f]+)\/cards\/$/u)[1];
  const read = async (number, again) => {
    const found = (await page(`${folder}${number}.html`, again)).querySelector("#cards");
    if (found === null) throw new IndexFailure("cut");
    if (found.dataset.build !== build) throw new IndexFailure("build");
    // Their addresses are relative to where they stood.
    for (const link of found.querySelectorAll("[href]")) link.setAttribute("href", link.href);
    const cards = [...found.children];
    if (cards.length !== Number(found.dataset.count)) throw new IndexFailure("cut");
    const first = Number(found.dataset.first);
    const value = cards.map((card, at) => entryOf(document.adoptNode(card), first + at));
    return { value, weight: BYTES_OF_A_CARD * value.length };
  };
  const having = (key) => (slug, isWish) => {
    const facet = facets.find((each) => each.key === key);
    const choice = facet.known.get(slug);
    if (choice?.where) return choice.where;
    return choice?.shown ? files.havingShown(key, slug, isWish) : (choiceOf(files.value(key, slug))?.where ?? null);
  };
  // The label, and where it is, of a value from a file.
  const choiceOf = (found) => found && { number: found[0], value: found[1], text: found[2], where: raised(numbers(found[3])) };
  return {
    isFar: true,
    parts,
    total,
    search: files.search,
    prepare: files.search,
    names: ({ card }) => [card.dataset.name, ...JSON.parse(card.dataset.said).names],
    // With the columns that are needed; of those that are wished for, what is there.
    facets: (isNeeded, isWished) =>
      facets.map(({ key, isWide, choices }, number) => {
        if (isWide) return { having: having(key) };
        const column = isNeeded(number) || isWished(number) ? files.column(key, !isNeeded(number)) : null;
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
      return (card.getAttribute(`data-${key}`) ?? "").split(" ").filter(Boolean).map((value) => known.get(value).text);
    },
    // All at once, where none stays: a browser takes several times as long for two hundred, one by one.
    hide: (entries) => {
      if (entries.length === list.childElementCount) list.replaceChildren();
      else for (const { card } of entries) card.remove();
    },
    // What the page shows while nothing is asked for.
    standing: [...list.children].map(entryOf),
    value: (key, slug) => choiceOf(files.value(key, slug)),
    // { values: those whose words begin with what was typed, the most frequent first, up to `most`, left: how many there are
    // beyond }. A short word has to be a whole one.
    suggested: (key, typed, most) => {
      const found = typed.map((word) => new Map(files.valuesBy(key, word, word.length >= PREFIX_FROM).map((each) => [each[0], each])));
      const [one, ...others] = found;
      const every = [...one.values()].filter(([number]) => others.every((other) => other.has(number))).sort((a, b) => a[0] - b[0]);
      return { values: every.slice(0, most).map(choiceOf), left: Math.max(0, every.length - most) };
    },
  };
};
