// Which entries have a word, in which fields, with what weight. Pure, and the same for both kinds of index: one asks for
// the postings of terms, `whole_index.js` and `shards.js` have them.
//
// Postings of a term are { term, places, masks, levels, own, other, fields }: the places of the entries that have it, in
// their order; for each the fields as bits and the level of its weight; which words of its name, and of its other names,
// it is, as bits (null where it is none). `fields` are all bits of the masks.

import { LEVELS, firstFrom } from "./packed.js";
import rules from "./rules.js";
import { PREFIX_FROM, singular } from "./words.js";

const EXACT = 5;
const SINGULAR = 3;
const PREFIX = 1;

// A bit of postings: the term is the whole of a name. Bits below are fields. Bits of answers: the name begins with what
// was typed; there is a reason that is no word.
export const TITLE = 1 << rules.title;
const SEARCHED = TITLE - 1;
export const BEGINS = TITLE << 1;
const KNOWN = 0x8000;

export const bit = (search, field) => 1 << search.fields.indexOf(field);
export const bits = (search, fields) => fields.reduce((mask, field) => mask | bit(search, field), 0);
// Whether entries are found by a term.
export const isSearched = (posting) => posting !== null && (posting.fields & SEARCHED) !== 0;

// Where an entry stands in postings; -1 where it does not.
export const slotOf = ({ places }, place) => {
  const slot = firstFrom(places.length, (at) => places[at] < place);
  return places[slot] === place ? slot : -1;
};

// An answer: for each place a score, the fields of a match as bits, those of a whole word; the postings that matched.
const blank = (size, terms) => ({
  score: new Int32Array(size),
  any: new Uint16Array(size),
  whole: new Uint16Array(size),
  terms,
  count: 0,
});

const counted = (answer) => {
  const { any } = answer;
  let count = 0;
  for (let place = 0; place < any.length; place += 1) if (any[place]) count += 1;
  answer.count = count;
  return answer;
};

const add = (answer, posting, boost, whole, begins) => {
  const { places, masks, levels, own } = posting;
  const { score, any, whole: wholes } = answer;
  answer.terms.push(posting);
  for (let slot = 0; slot < places.length; slot += 1) {
    const mask = masks[slot] & SEARCHED;
    if (mask === 0) continue;
    const place = places[slot];
    if (any[place] === 0) answer.count += 1;
    score[place] += boost * LEVELS[levels[slot]];
    any[place] |= begins && own && own[slot] & 2 ? mask | BEGINS : mask;
    if (whole) wholes[place] |= mask;
  }
};

// The entries that have a word, its singular, or from three letters on a word that begins with it.
export const exactAnswer = (search, word) => {
  const one = singular(word);
  const own = search.posting(word);
  const platform = bit(search, "platform");
  // A word that is a whole language means that one, and none whose name begins with it: Java is not JavaScript.
  const language = own !== null && own.fields & platform;
  const answer = blank(search.size, []);
  if (word.length >= PREFIX_FROM) {
    for (const posting of search.beginning(word)) {
      if (posting !== own && !(language && posting.fields & platform)) add(answer, posting, PREFIX, posting.term === one, true);
    }
  }
  if (own) add(answer, own, EXACT, true, true);
  const other = word === one ? null : search.posting(one);
  if (other) add(answer, other, SINGULAR, true, false);
  return answer;
};

// The entries that have one of these terms.
export const termsAnswer = (search, terms) => {
  const answer = blank(search.size, []);
  for (const term of terms) {
    const posting = search.posting(term);
    if (posting) add(answer, posting, PREFIX, true, false);
  }
  return answer;
};

// The entries at these places, for a reason that is no word.
export const placesAnswer = (search, places) => {
  const answer = blank(search.size, []);
  for (const place of places) answer.any[place] = KNOWN;
  return counted(answer);
};

// What all of several answers have; null for none.
export const allOf = (answers) => {
  if (answers.length === 1) return answers[0];
  const size = answers[0].any.length;
  const both = blank(size, answers.flatMap((answer) => answer.terms));
  const [first, ...others] = answers;
  both.score.set(first.score);
  both.any.set(first.any);
  both.whole.set(first.whole);
  for (const { score, any, whole } of others) {
    for (let place = 0; place < size; place += 1) {
      const isIn = both.any[place] !== 0 && any[place] !== 0;
      both.score[place] = isIn ? both.score[place] + score[place] : 0;
      both.any[place] = isIn ? both.any[place] | any[place] : 0;
      both.whole[place] = isIn ? both.whole[place] | whole[place] : 0;
    }
  }
  return counted(both);
};

// What one of several answers has, with the better score.
export const anyOf = (answers) => {
  const some = answers.filter((answer) => answer.count > 0);
  if (some.length < 2) return some[0] ?? answers[0];
  const size = some[0].any.length;
  const one = blank(size, some.flatMap((answer) => answer.terms));
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

// The terms of one entry that an answer matched: [term, field] each, field by field.
export const matchedIn = (search, place, answer) => {
  const found = search.fields.map(() => []);
  for (const posting of answer.terms) {
    const slot = slotOf(posting, place);
    if (slot < 0) continue;
    search.fields.forEach((field, number) => {
      if (posting.masks[slot] & (1 << number)) found[number].push([posting.term, field]);
    });
  }
  return found.flat();
};
