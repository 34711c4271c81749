// Which entries contain a word, in which fields, with what weight. Pure, and the same for both kinds of index: the posting lists
// come from `whole_index.js` or `shards.js`.
//
// The posting list of a term is { term, places, masks, levels, own, other, fields }: the places in the list of the entries that
// contain it, ascending; for each the fields as bits, and the level of its weight; which words of its name, and of its other names,
// the term is, as bits (null if it is none). `fields` is the union of all masks.

import { LEVELS, firstFrom } from "./packed.js";
import rules from "./rules.js";
import { canBegin, isUnspaced, pairs, singular } from "./words.js";

const EXACT = 5;
const SINGULAR = 3;
const PREFIX = 1;
const PAIRS_AT_MOST = 24; // of a long run, pairs of letters from all of it

// TITLE is a bit of posting lists: the term is a whole name, written as one word. Lower bits are fields. The others are bits of
// answers: the name begins with what was typed; the entry matched for another reason than a word.
export const TITLE = 1 << rules.title;
const SEARCHED = TITLE - 1;
export const BEGINS = TITLE << 1;
const KNOWN = 0x8000;

export const bit = (search, field) => 1 << search.fields.indexOf(field);
export const bits = (search, fields) => fields.reduce((mask, field) => mask | bit(search, field), 0);
// Whether a search finds entries by a term.
export const isSearched = (posting) => posting !== null && (posting.fields & SEARCHED) !== 0;

// The position of an entry in a posting list; -1 if it is not in it.
export const slotOf = ({ places }, place) => {
  const slot = firstFrom(places.length, (at) => places[at] < place);
  return places[slot] === place ? slot : -1;
};

// An answer: for each entry a score, the fields that matched as bits, and the fields in which a whole word matched; and the posting lists that matched.
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

// The posting list of a run of three or more letters of an unspaced script, wherever it is in longer runs: the entries that have all
// of its pairs of letters in one field. The index has no such term; null for any other word, and if there are no such entries.
const runPosting = (search, word) => {
  if (!isUnspaced(word)) return null;
  const every = pairs(word);
  if (every.length < 2) return null;
  const step = Math.ceil(every.length / PAIRS_AT_MOST);
  const postings = every.filter((_, at) => at % step === 0 || at === every.length - 1).map((pair) => search.posting(pair));
  if (postings.includes(null)) return null;
  const [first, ...others] = postings;
  const [places, masks, levels] = [[], [], []];
  first.places.forEach((place, slot) => {
    let mask = first.masks[slot] & SEARCHED;
    let least = first.levels[slot];
    for (const other of others) {
      const at = slotOf(other, place);
      mask &= at < 0 ? 0 : other.masks[at];
      least = at < 0 ? 0 : Math.min(least, other.levels[at]);
    }
    if (mask === 0) return;
    places.push(place);
    masks.push(mask);
    levels.push(least);
  });
  const fields = masks.reduce((all, mask) => all | mask, 0);
  return places.length ? { term: word, places, masks, levels, own: null, other: null, fields } : null;
};

// The entries that contain a word, its singular, or, from three letters on, a word that begins with it. A word of an unspaced script
// may be anywhere in a run, and begin one whatever its length.
export const exactAnswer = (search, word) => {
  const one = singular(word);
  const own = search.posting(word);
  const platform = bit(search, "platform");
  // A word that names a language means that language, and none whose name begins with it: Java is not JavaScript.
  const language = own !== null && own.fields & platform;
  const answer = blank(search.size, []);
  if (canBegin(word)) {
    for (const posting of search.beginning(word)) {
      if (posting !== own && !(language && posting.fields & platform)) add(answer, posting, PREFIX, posting.term === one, true);
    }
  }
  if (own) add(answer, own, EXACT, true, true);
  const run = runPosting(search, word);
  if (run) add(answer, run, SINGULAR, false, false);
  const other = word === one ? null : search.posting(one);
  if (other) add(answer, other, SINGULAR, true, false);
  return answer;
};

// The entries that contain one of these terms.
export const termsAnswer = (search, terms) => {
  const answer = blank(search.size, []);
  for (const term of terms) {
    const posting = search.posting(term);
    if (posting) add(answer, posting, PREFIX, true, false);
  }
  return answer;
};

// The entries at these places, which matched for another reason than a word.
export const placesAnswer = (search, places) => {
  const answer = blank(search.size, []);
  for (const place of places) answer.any[place] = KNOWN;
  return counted(answer);
};

// The intersection of answers; null for none.
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

// The union of answers, each entry with its best score.
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

// The terms by which an answer matched one entry: [term, field] each, field by field.
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
