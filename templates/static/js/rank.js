// Ranks entries for what a reader typed. Pure: gets the index and the tables, gives a Map of slug to score.
// Only `index.query` with our own terms is used: lunr's own query language throws on a colon and freezes on `fits~100`.

import { typedWords } from "./words.js";

const PREFIX_FROM = 3;
const SIMILAR_FROM = 5;
const WORDS_AT_MOST = 12;

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
  return new Map(found.map((match) => [match.ref, match.score]));
};

const all = (maps) => {
  const [first, ...rest] = maps;
  const both = new Map();
  for (const [slug, score] of first ?? []) {
    if (rest.every((other) => other.has(slug))) {
      both.set(slug, rest.reduce((sum, other) => sum + other.get(slug), score));
    }
  }
  return both;
};

const any = (maps) => {
  const best = new Map();
  for (const map of maps) {
    for (const [slug, score] of map) best.set(slug, Math.max(score, best.get(slug) ?? 0));
  }
  return best;
};

const attempt = (lunr, index, words, similar) =>
  all(words.map((ways) => any(ways.map((way) => all(way.map((word) => scores(lunr, index, word, similar)))))));

// { scores: Map of slug to score, similar: whether spelling had to be guessed }; null for a query without words.
export const rank = (lunr, index, text, tables) => {
  const words = typedWords(text.slice(0, 500), tables).slice(0, WORDS_AT_MOST);
  if (words.length === 0) return null;
  const exact = attempt(lunr, index, words, false);
  if (exact.size > 0) return { scores: exact, similar: false };
  return { scores: attempt(lunr, index, words, true), similar: true };
};
