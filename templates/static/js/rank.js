// Ranks entries for what a reader typed. Pure: gets the index, the tables and the names, gives a Map of slug to rank.
// Only `index.query` with our own terms is used: lunr's own query language throws on a colon and freezes on `fits~100`.
// An entry's tier goes before its score: a name that is the query stands before one that holds it, and so on.

import { nameWords, typedWords } from "./words.js";

const PREFIX_FROM = 3;
const SIMILAR_FROM = 5;
const WORDS_AT_MOST = 12;
const FACTS = ["author", "platform", "kind", "keyword"];

// slug -> { score, terms: the words of the index that matched }
const scores = (lunr, index, word, similar) => {
  const found = index.query((query) => {
    query.term(word, { usePipeline: false, boost: 4 });
    if (word.length >= PREFIX_FROM) {
      query.term(word, { usePipeline: false, wildcard: lunr.Query.wildcard.TRAILING, boost: 1 });
    }
    if (similar && word.length >= SIMILAR_FROM) {
      query.term(word, { usePipeline: false, editDistance: 1, boost: 0.5 });
    }
  });
  return new Map(found.map(({ ref, score, matchData }) => [ref, { score, terms: Object.keys(matchData.metadata) }]));
};

const all = (maps) => {
  const [first, ...rest] = maps;
  const both = new Map();
  for (const [slug, found] of first ?? []) {
    if (rest.every((other) => other.has(slug))) {
      const more = rest.map((other) => other.get(slug));
      both.set(slug, {
        score: more.reduce((sum, other) => sum + other.score, found.score),
        terms: [found, ...more].flatMap((other) => other.terms),
      });
    }
  }
  return both;
};

const any = (maps) => {
  const best = new Map();
  for (const map of maps) {
    for (const [slug, found] of map) {
      const known = best.get(slug);
      best.set(slug, {
        score: Math.max(found.score, known?.score ?? 0),
        terms: [...(known?.terms ?? []), ...found.terms],
      });
    }
  }
  return best;
};

const attempt = (lunr, index, words, similar) =>
  all(words.map((ways) => any(ways.map((way) => all(way.map((word) => scores(lunr, index, word, similar)))))));

// Entries in which every word is a whole author, platform, kind or keyword, by way of its parts.
const statedWhole = (index, words) =>
  all(
    words.map((ways) =>
      all(
        ways.at(-1).map((word) => {
          const found = index.query((query) => query.term(word, { usePipeline: false, fields: FACTS }));
          return new Map(found.map(({ ref, score }) => [ref, { score, terms: [] }]));
        }),
      ),
    ),
  );

// 0 the name is the query; 1 the query is a whole phrase of the name; 2 every word begins a word of the name;
// 3 every word is a whole author, platform, kind or keyword; 4 the rest.
const tierOf = (name, typed, stated) => {
  if (name.join("") === typed.join("")) return 0;
  if (` ${name.join(" ")} `.includes(` ${typed.join(" ")} `)) return 1;
  if (typed.every((word) => name.some((own) => own === word || (word.length >= PREFIX_FROM && own.startsWith(word))))) return 2;
  return stated ? 3 : 4;
};

// { order: Map of slug to [tier, score], similar: whether spelling had to be guessed }; null for a query without words.
// `names` is a Map of slug to name; `index` is null where there are no entries.
export const rank = (lunr, index, text, tables, names) => {
  const words = typedWords(text.slice(0, 500), tables).slice(0, WORDS_AT_MOST);
  if (words.length === 0) return null;
  if (index === null) return { order: new Map(), similar: false };
  const exact = attempt(lunr, index, words, false);
  const similar = exact.size === 0;
  const found = similar ? attempt(lunr, index, words, true) : exact;
  const typed = words.flatMap((ways) => ways.at(-1));
  const stated = statedWhole(index, words);
  const order = new Map();
  for (const [slug, { score, terms }] of found) {
    const name = nameWords(names.get(slug) ?? "", tables);
    // With a guessed spelling, the words that were meant are those of the index that matched.
    const meant = similar ? name.filter((word) => terms.includes(word)) : typed;
    order.set(slug, [meant.length ? tierOf(name, meant, stated.has(slug)) : 4, score]);
  }
  return { order, similar };
};
