// What a mistyped word may have meant. Pure, and bounded: nothing here takes longer for a longer query.

import { PREFIX_FROM, SIMILAR_FROM, parts } from "./words.js";

const LETTERS_AT_MOST = 40;
const TERMS_AT_MOST = 40;

// How a word differs from a term by one letter left out, added, changed, or by two that changed places:
// "whole" from the term, "begins" from its beginning, "" where it takes more than that.
export const oneAway = (word, term) => {
  let at = 0;
  while (at < word.length && word[at] === term[at]) at += 1;
  const ways = [
    [word.slice(at), term.slice(at + 1)], // one left out
    [word.slice(at + 1), term.slice(at)], // one too many
    [word.slice(at + 1), term.slice(at + 1)], // another one
  ];
  if (at + 1 < word.length && word[at] === term[at + 1] && word[at + 1] === term[at]) {
    ways.push([word.slice(at + 2), term.slice(at + 2)]);
  }
  if (ways.some(([rest, other]) => rest === other)) return "whole";
  // The first letter is seldom wrong: without it, half of all words would be near.
  return at > 0 && ways.some(([rest, other]) => rest.length > 1 && other.startsWith(rest)) ? "begins" : "";
};

// The terms of a vocabulary that a word may have meant, those that it spells to their end before the others.
export const nearTerms = (word, vocabulary) => {
  if (word.length < SIMILAR_FROM || word.length > LETTERS_AT_MOST) return [];
  const found = { whole: [], begins: [] };
  for (const term of vocabulary) {
    if (term.length < word.length - 1) continue;
    const how = oneAway(word, term);
    if (how) found[how].push(term);
  }
  return (found.whole.length ? found.whole : found.begins).slice(0, TERMS_AT_MOST);
};

// Letters left out, added, changed or swapped between two words, counted up to `most`; `most + 1` for anything more.
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

// The entries whose names come nearest to a text, at most three: [slug, name].
export const nearestNames = (text, { slugs, names, nameParts }) => {
  const own = parts(text.slice(0, 200));
  const typed = [...new Set([own.join(""), ...own])]
    .filter((word) => word.length >= PREFIX_FROM && word.length <= LETTERS_AT_MOST)
    .slice(0, 6);
  const found = [];
  slugs.forEach((slug, place) => {
    let best = 3;
    for (const words of nameParts[place]) {
      const whole = words.join("");
      for (const word of words.length > 1 ? [whole, ...words] : words) {
        if (word.length < PREFIX_FROM || word.length > LETTERS_AT_MOST) continue;
        for (const each of typed) {
          const most = Math.min(each.length, word.length) >= SIMILAR_FROM ? 2 : 1;
          const away = distance(each, word, most);
          // A whole name that is as near as a word of another stands before it.
          if (away <= most) best = Math.min(best, away + (word === whole ? 0 : 0.5));
        }
      }
    }
    if (best < 3) found.push([best, place]);
  });
  found.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  return found.slice(0, 3).map(([, place]) => [slugs[place], names.get(slugs[place])[0]]);
};
