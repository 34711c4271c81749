// The index of a small catalogue: one file in the format of lunr, read as posting lists.
//
// Terms, postings and weights are lunr's, and tests compare every answer with `lunr.Index.query`. We do not call that, because
// lunr creates several objects per match: at 10,000 entries a common word takes 0.2 s (see docs/search.md), too long for somebody
// who is typing. Arrays with one element per entry take a few milliseconds.

import { IN_NAME, IS_NAME, SEARCHED } from "./near.js";
import { firstFrom, level } from "./packed.js";
import { IndexFailure, json } from "./parts.js";
import { TITLE, isSearched } from "./postings.js";
import { parts } from "./words.js";

const LAST_BIT = 30;

// For each term that is a word of a name: by entry, which words of the name it is, and which words of the other names. For each
// name written as one word: its entries. The same encoding as in catalogue/outputs/shards.py.
const spotsOf = (names) => {
  const own = new Map();
  const other = new Map();
  const titles = new Map();
  const note = (map, term, place, mask) => {
    if (!map.has(term)) map.set(term, new Map());
    const found = map.get(term);
    found.set(place, (found.get(place) ?? 0) | mask);
  };
  names.forEach((each, place) => {
    const [name, ...others] = each.map(parts);
    name.forEach((part, at) => {
      if (at < LAST_BIT) note(own, part, place, (2 << at) | (at + 1 === name.length ? 1 : 0));
    });
    let gap = 0;
    for (const words of others) {
      words.forEach((part, at) => {
        if (gap + at <= LAST_BIT) note(other, part, place, 1 << (gap + at));
      });
      gap += words.length + 1;
    }
    for (const words of [name, ...others]) if (words.length) note(titles, words.join(""), place, TITLE);
  });
  return { own, other, titles };
};

// The index as `rank` needs it: `data` is the content of the index file, `slugs` are the entries in the order of the list.
export const opened = (lunr, data, slugs) => {
  const index = data.index && lunr.Index.load(data.index);
  const inverted = index?.invertedIndex ?? {};
  const spots = spotsOf(slugs.map((slug) => data.names[slug]));
  const placeOf = new Map(slugs.map((slug, place) => [slug, place]));
  const terms = [...new Set([...Object.keys(inverted), ...spots.titles.keys()])].sort();
  const identifiers = new Map(Object.entries(data.identifiers));
  const withdrawn = new Map(Object.entries(data.withdrawn));
  const postings = new Map();

  const make = (term) => {
    const found = inverted[term] ?? {};
    const at = new Map();
    const slotFor = (place) => {
      if (!at.has(place)) at.set(place, { mask: spots.titles.get(term)?.get(place) ?? 0, weight: 0 });
      return at.get(place);
    };
    index?.fields.forEach((field, number) => {
      for (const slug in found[field]) {
        const vector = index.fieldVectors[`${field}/${slug}`];
        const slot = slotFor(placeOf.get(slug));
        slot.mask |= 1 << number;
        slot.weight += Math.round(vector.elements[vector.positionForIndex(found._index) + 1] * 1000);
      }
    });
    for (const place of spots.titles.get(term)?.keys() ?? []) slotFor(place);
    const slots = [...at].sort((a, b) => a[0] - b[0]);
    const places = slots.map(([place]) => place);
    const noted = (map) => (map.has(term) ? Uint32Array.from(places, (place) => map.get(term).get(place) ?? 0) : null);
    return {
      term,
      places: Uint32Array.from(places),
      masks: Uint16Array.from(slots, ([, { mask }]) => mask),
      levels: Uint8Array.from(slots, ([, { weight }]) => level(weight)),
      own: noted(spots.own),
      other: noted(spots.other),
      fields: slots.reduce((fields, [, { mask }]) => fields | mask, 0),
    };
  };
  const posting = (term) => {
    if (!postings.has(term)) postings.set(term, make(term));
    return postings.get(term);
  };
  // The position of the first term that does not sort before `word`.
  const from = (word) => firstFrom(terms.length, (at) => terms[at] < word);
  const begun = (word) => {
    const found = [];
    for (let at = from(word); at < terms.length && terms[at].startsWith(word); at += 1) found.push(posting(terms[at]));
    return found;
  };
  const flagged = (each) => [
    each.term,
    (isSearched(each) ? SEARCHED : 0) | (each.own || each.other ? IN_NAME : 0) | (each.fields & TITLE ? IS_NAME : 0),
  ];
  const named = (found) => found.map(([slug, what]) => [placeOf.get(slug), what]);
  return {
    size: slugs.length,
    namesOf: (place) => data.names[slugs[place]],
    fields: index?.fields ?? [],
    synonyms: data.synonyms,
    answers: new Map(),
    index,
    postings,
    posting: (term) => (terms[from(term)] === term ? posting(term) : null),
    beginning: begun,
    vocabulary: (word) => begun(word).map(flagged),
    // The first letters of the terms whose other letters are `rest`.
    letters: (rest) => terms.filter((term) => term.slice(1) === rest && isSearched(posting(term))).map((term) => term[0]),
    known: (key) => (identifiers.has(key) ? named(identifiers.get(key)) : null),
    knownBelow: (start) => [...identifiers].filter(([key]) => key.startsWith(start)).flatMap(([, found]) => named(found)),
    withdrawn: (key) => withdrawn.get(key) ?? [],
    isMissing: () => false,
    requireAll() {},
  };
};

// The index as a part for the cache (see parts.js). `slugs` is the order of the entries, by default the one in the file.
export const load = async (address, slugs = null, again = false) => {
  const lunr = import("../vendor/lunr.js").catch(() => null);
  const { data } = await json(address, again); // first: if both are gone, the page is older than the site
  const library = (await lunr)?.default;
  if (!library) throw new IndexFailure("fetch");
  try {
    const order = slugs ?? Object.keys(data.names);
    return { value: opened(library, data, order), slugs: order };
  } catch {
    throw new IndexFailure("cut");
  }
};
