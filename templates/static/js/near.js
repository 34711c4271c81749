// Approximate matching: what a misspelt word may have meant. Pure, and bounded: a longer query does not take longer.

import { TITLE, isSearched } from "./postings.js";
import { PREFIX_FROM, SIMILAR_FROM, identifier, parts } from "./words.js";

const LETTERS_AT_MOST = 40;
const TERMS_AT_MOST = 40;
const NAMES_AT_MOST = 12; // terms of names that are looked up

// Flags of a term, as in catalogue/outputs/shards.py.
export const SEARCHED = 1;
export const IN_NAME = 2;
export const IS_NAME = 4;

// Whether a word is at most one edit (a letter omitted, added, replaced, or two swapped) away from a term: "whole" from the term,
// "begins" from a prefix of it, "" from neither.
const oneAway = (word, term) => {
  let at = 0;
  while (at < word.length && word[at] === term[at]) at += 1;
  const ways = [
    [word.slice(at), term.slice(at + 1)], // omitted
    [word.slice(at + 1), term.slice(at)], // added
    [word.slice(at + 1), term.slice(at + 1)], // replaced
  ];
  if (at + 1 < word.length && word[at] === term[at + 1] && word[at + 1] === term[at]) {
    ways.push([word.slice(at + 2), term.slice(at + 2)]);
  }
  if (ways.some(([rest, other]) => rest === other)) return "whole";
  // The first letter is seldom wrong, and if it may be, half of all words are near.
  return at > 0 && ways.some(([rest, other]) => rest.length > 1 && other.startsWith(rest)) ? "begins" : "";
};

// The terms that a word may have meant: those one edit away, with the same first letter; if there are none, those of which a prefix
// is; if there are none either, what `others` returns: those with another first letter.
export const nearTerms = (search, word, others = otherFirst) => {
  if (word.length < SIMILAR_FROM || word.length > LETTERS_AT_MOST) return [];
  const found = { whole: [], begins: [] };
  for (const [term, flags] of search.vocabulary(word[0])) {
    if (!(flags & SEARCHED) || term.length < word.length - 1) continue;
    const how = oneAway(word, term);
    if (how) found[how].push(term);
  }
  if (search.isMissing()) return [];
  const near = found.whole.length ? found.whole : found.begins;
  return (near.length ? near : others(search, word)).slice(0, TERMS_AT_MOST);
};

const otherFirst = (search, word) => {
  const rest = word.slice(1);
  const made = [rest, word[1] + word[0] + word.slice(2)].filter((term) => isSearched(search.posting(term)));
  const changed = search.letters(rest).map((letter) => letter + rest);
  const added = search.letters(word).map((letter) => letter + word);
  return [...new Set([...changed, ...added, ...made])].sort();
};

// The optimal string alignment distance of two words (adjacent letters swapped count as one edit) up to `most`; `most + 1` for
// anything more.
export const distance = (one, other, most) => {
  if (Math.abs(one.length - other.length) > most) return most + 1;
  let before = [];
  let last = Array.from({ length: other.length + 1 }, (_, place) => place);
  for (let i = 1; i <= one.length; i += 1) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= other.length; j += 1) {
      const changed = last[j - 1] + (one[i - 1] === other[j - 1] ? 0 : 1);
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, changed);
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) {
        row[j] = Math.min(row[j], before[j - 2] + 1);
      }
      least = Math.min(least, row[j]);
    }
    if (least > most) return most + 1;
    [before, last] = [last, row];
  }
  return Math.min(last[other.length], most + 1);
};

// The places of the entries whose names are nearest to a text and begin with the same letter, three at most.
export const nearestNames = (search, text) => {
  if (/^10\.[0-9]+\//u.test(identifier(text))) return []; // no name is near a DOI
  const own = parts(text.slice(0, 200));
  const typed = [...new Set([own.join(""), ...own])]
    .filter((word) => word.length >= PREFIX_FROM && word.length <= LETTERS_AT_MOST)
    .slice(0, 6);
  const aways = new Map();
  for (const each of typed) {
    for (const [term, flags] of search.vocabulary(each[0])) {
      if (!(flags & (IN_NAME | IS_NAME)) || term.length > LETTERS_AT_MOST) continue;
      const most = Math.min(each.length, term.length) >= SIMILAR_FROM ? 2 : 1;
      const away = distance(each, term, most);
      if (away <= most) aways.set(term, Math.min(away, aways.get(term) ?? 3));
    }
  }
  search.requireAll();
  const nearest = [...aways].sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1)).slice(0, NAMES_AT_MOST);
  const best = new Map();
  for (const [term, away] of nearest) {
    const posting = search.posting(term);
    posting?.places.forEach((place, slot) => {
      // A whole name that is as near as a word of another stands before it.
      const whole = posting.masks[slot] & TITLE;
      if (!whole && !posting.own?.[slot] && !posting.other?.[slot]) return;
      best.set(place, Math.min(away + (whole ? 0 : 0.5), best.get(place) ?? 3));
    });
  }
  search.requireAll();
  return [...best]
    .sort((a, b) => a[1] - b[1] || a[0] - b[0])
    .slice(0, 3)
    .map(([place]) => place);
};
