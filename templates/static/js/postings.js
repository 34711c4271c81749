// Reads lunr's index: which entries have a term, in which fields, with what weight. Pure.
//
// The terms, the postings and the weights are lunr's, and tests hold every answer against `lunr.Index.query`. The walk is
// our own, because lunr makes several objects for each match: at 10,000 entries a common word takes it 0.2 s (see
// docs/search.md), and a reader types on. Arrays with a place for each entry take a few milliseconds.

import { PREFIX_FROM, singular } from "./words.js";

const EXACT = 5;
const SINGULAR = 3;
const PREFIX = 1;

// What the other functions need of an index that lunr has loaded. `slugs` gives each entry its place.
export const opened = (index, slugs) => {
  const places = new Map(slugs.map((slug, place) => [slug, place]));
  const terms = Object.keys(index.invertedIndex).sort();
  const byNumber = [];
  for (const term of terms) byNumber[index.invertedIndex[term]._index] = term;
  return { index, slugs, places, terms, byNumber, fields: index.fields, postings: new Map() };
};

export const bit = (opened, field) => 1 << opened.fields.indexOf(field);
export const bits = (opened, fields) => fields.reduce((mask, field) => mask | bit(opened, field), 0);

const inField = (opened, term, field) => {
  const found = opened.index.invertedIndex[term]?.[field];
  if (!found) return false;
  for (const _ in found) return true;
  return false;
};

// Of one term: the places of entries that have it, the fields as bits, the sum of its weights.
const posting = (opened, term) => {
  const known = opened.postings.get(term);
  if (known) return known;
  const found = opened.index.invertedIndex[term];
  const at = new Map();
  const places = [];
  const masks = [];
  const weights = [];
  opened.fields.forEach((field, number) => {
    for (const slug in found[field]) {
      const vector = opened.index.fieldVectors[`${field}/${slug}`];
      const weight = vector.elements[vector.positionForIndex(found._index) + 1];
      let slot = at.get(slug);
      if (slot === undefined) {
        slot = places.length;
        at.set(slug, slot);
        places.push(opened.places.get(slug));
        masks.push(0);
        weights.push(0);
      }
      masks[slot] |= 1 << number;
      weights[slot] += weight;
    }
  });
  const made = { places: Int32Array.from(places), masks: Uint16Array.from(masks), weights: Float32Array.from(weights) };
  opened.postings.set(term, made);
  return made;
};

// An answer: for each place a score, the fields of a match as bits, those of a whole word, and which terms matched.
const blank = (size, matches) => ({
  score: new Float32Array(size),
  any: new Uint16Array(size),
  whole: new Uint16Array(size),
  matches,
  count: 0,
});

const counted = (answer) => {
  let count = 0;
  for (const mask of answer.any) if (mask) count += 1;
  answer.count = count;
  return answer;
};

const add = (opened, answer, term, boost, whole) => {
  const { places, masks, weights } = posting(opened, term);
  for (let slot = 0; slot < places.length; slot += 1) {
    const place = places[slot];
    answer.score[place] += boost * weights[slot];
    answer.any[place] |= masks[slot];
    if (whole) answer.whole[place] |= masks[slot];
  }
};

// The first place in a sorted list whose term is not before `word`.
const firstFrom = (terms, word) => {
  let low = 0;
  let high = terms.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (terms[middle] < word) low = middle + 1;
    else high = middle;
  }
  return low;
};

// The entries that have a word, its singular, or from three letters on a word that begins with it.
export const exactAnswer = (opened, word) => {
  const one = singular(word);
  // A word that is a whole language means that one, and none whose name begins with it: Java is not JavaScript.
  const language = inField(opened, word, "platform");
  const begun = (term) =>
    word.length >= PREFIX_FROM && term.startsWith(word) && !(language && term !== word && inField(opened, term, "platform"));
  const answer = blank(opened.slugs.length, (term) => term === word || term === one || begun(term));
  const { terms } = opened;
  if (word.length >= PREFIX_FROM) {
    for (let at = firstFrom(terms, word); at < terms.length && terms[at].startsWith(word); at += 1) {
      if (terms[at] !== word && begun(terms[at])) add(opened, answer, terms[at], PREFIX, terms[at] === one);
    }
  }
  for (const [term, boost] of word === one ? [[word, EXACT]] : [[word, EXACT], [one, SINGULAR]]) {
    if (terms[firstFrom(terms, term)] === term) add(opened, answer, term, boost, true);
  }
  return counted(answer);
};

// The entries that have one of these terms.
export const termsAnswer = (opened, terms) => {
  const set = new Set(terms);
  const answer = blank(opened.slugs.length, (term) => set.has(term));
  for (const term of terms) add(opened, answer, term, PREFIX, true);
  return counted(answer);
};

// The entries at these places, for a reason that is no word.
export const placesAnswer = (opened, scored) => {
  const answer = blank(opened.slugs.length, () => false);
  answer.count = scored.length;
  for (const [place, score] of scored) {
    answer.score[place] = score;
    answer.any[place] = 0x8000; // a bit of no field
  }
  return answer;
};

// What all of several answers have; null for none.
export const allOf = (answers) => {
  if (answers.length === 1) return answers[0];
  const size = answers[0].any.length;
  const both = blank(size, (term) => answers.some((answer) => answer.matches(term)));
  for (let place = 0; place < size; place += 1) {
    if (answers.every((answer) => answer.any[place])) {
      for (const answer of answers) {
        both.score[place] += answer.score[place];
        both.any[place] |= answer.any[place];
        both.whole[place] |= answer.whole[place];
      }
    }
  }
  return counted(both);
};

// What one of several answers has, with the better score.
export const anyOf = (answers) => {
  const some = answers.filter((answer) => answer.count > 0);
  if (some.length < 2) return some[0] ?? answers[0];
  const size = some[0].any.length;
  const one = blank(size, (term) => some.some((answer) => answer.matches(term)));
  for (const answer of some) {
    for (let place = 0; place < size; place += 1) {
      if (answer.any[place]) {
        one.score[place] = Math.max(one.score[place], answer.score[place]);
        one.any[place] |= answer.any[place];
        one.whole[place] |= answer.whole[place];
      }
    }
  }
  return counted(one);
};

// The terms of one entry that an answer matched: [term, field] each.
export const matchedIn = (opened, slug, matches) => {
  const found = [];
  for (const field of opened.fields) {
    const elements = opened.index.fieldVectors[`${field}/${slug}`]?.elements ?? [];
    for (let at = 0; at < elements.length; at += 2) {
      const term = opened.byNumber[elements[at]];
      if (matches(term)) found.push([term, field]);
    }
  }
  return found;
};
