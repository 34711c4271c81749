// Ranks entries for a query. Pure: takes an index opened by `whole_index.js` or `shards.js`, and returns the rank of each entry
// found. Throws MissingParts if the index has to fetch something first.
// What was typed never reaches lunr's own query language, which throws on a colon and freezes on `fits~100`.
// Entries are sorted by tier, then by score: a name that equals the query comes before one that contains it, and so on.

import { nearTerms } from "./near.js";
import { BEGINS, TITLE, allOf, anyOf, bit, bits, exactAnswer, matchedIn, placesAnswer, slotOf, termsAnswer } from "./postings.js";
import { chunks, identifier, isSmall, parts, stretches } from "./words.js";

const LETTERS_AT_MOST = 500;
export const WORDS_AT_MOST = 12;
const PARTS_AT_MOST = 4; // queries with some of the words
const ANSWERS_KEPT = 200;
const ANSWER_BYTES_KEPT = 8_000_000;
const BYTES_OF_AN_ENTRY = 8; // in an answer
// Fields with values to choose from: a match of a whole value counts more than a word in a sentence.
const FACTS = ["author", "platform", "interface", "keyword", "data", "licence"];

// With each letter that is typed, most words stay the same: their answers are cached, unless a part of the index was missing.
const cached = (search, key, make) => {
  const known = search.answers.get(key);
  if (known) return known;
  const made = make();
  if (search.isMissing()) return made;
  const most = Math.min(ANSWERS_KEPT, Math.max(4, ANSWER_BYTES_KEPT / (BYTES_OF_AN_ENTRY * (search.size + 1))));
  if (search.answers.size >= most) search.answers.clear();
  search.answers.set(key, made);
  return made;
};
const exactly = (search, word) => cached(search, `=${word}`, () => exactAnswer(search, word));
const similarly = (search, word) => cached(search, `~${word}`, () => termsAnswer(search, nearTerms(search, word)));
// For two words that may be one, the first letter is assumed to be right.
const similarlyJoined = (search, word) => cached(search, `+${word}`, () => termsAnswer(search, nearTerms(search, word, () => [])));

// What one typed word finds: joined (`gammaray`), or by its parts, all of which must match.
const wordAnswer = (search, word, how) => {
  if (word.known) return word.known.answer;
  const whole = how(search, word.parts.join(""));
  return word.parts.length > 1 ? anyOf([whole, allOf(word.parts.map((part) => how(search, part)))]) : whole;
};

// One answer per word. Two adjacent words may be one in the index: `moc py`.
const wordAnswers = (search, words, hows, joined = exactly) => {
  const own = words.map((word, place) => wordAnswer(search, word, hows[place]));
  const pairs = words
    .slice(1)
    .map((word, place) =>
      word.known || words[place].known ? null : joined(search, [...words[place].parts, ...word.parts].join("")),
    );
  return own.map((found, place) => anyOf([found, pairs[place - 1], pairs[place]].filter(Boolean)));
};

const ADDRESS = /[/:.]|[0-9]{4}-[0-9]{4}/u;
const HOST_AND_PATH = /^[a-z0-9.-]+\.[a-z]{2,}\/[^/]/u;

// The entries that a URL or a DOI identifies; null if there are none. A URL below a known one stands for that, and the URL of an
// owner for everything below it.
const lookup = (search, text) => {
  if (!ADDRESS.test(text)) return null;
  const key = identifier(text);
  if (!ADDRESS.test(key)) return null; // an initial, or the last word of a sentence
  const named = (found, say = (is) => is) => {
    const what = new Map(found.map(([place, is]) => [place, say(is)]));
    return { answer: placesAnswer(search, what.keys()), what };
  };
  const own = search.known(key);
  if (own) return named(own);
  if (search.isMissing() || !HOST_AND_PATH.test(key)) return null;
  const below = search.knownBelow(`${key}/`);
  if (below.length) return named(below, (is) => `${is} is below this address`);
  for (let end = key.lastIndexOf("/"); end > key.indexOf("/"); end = key.lastIndexOf("/", end - 1)) {
    const above = search.known(key.slice(0, end));
    if (above) return named(above, (is) => `a page below ${is}`);
  }
  return null;
};

const isKnown = (word) => word.known !== undefined;

// The words of a query: { typed, parts } each, or { typed, known } for a URL or DOI. Of a longer text those go before the others:
// they are at the end of a citation.
const typedWords = (search, text) => {
  const asked = text.trim().slice(0, LETTERS_AT_MOST);
  const known = lookup(search, asked);
  if (known) return [{ typed: asked, known }];
  const words = stretches(asked).flatMap((typed) => {
    const named = lookup(search, typed);
    return named ? [{ typed, known: named }] : chunks(typed).map((found) => ({ typed, parts: found }));
  });
  const first = new Set([...words.filter(isKnown), ...words.filter((word) => !isKnown(word))].slice(0, WORDS_AT_MOST));
  return words.filter((word) => first.has(word));
};

const isSmallWord = (word) => !word.known && word.parts.every(isSmall);

// Whether words are adjacent in a name: `spots` has for each, as bits, which words of the name it is.
const isPhrase = (spots) => spots.reduce((found, mask, place) => found & (mask >>> place), ~0) !== 0;

// What the tiers need to know about the words as typed.
const phraseOf = (search, words) => {
  const typed = words.flatMap((word) => word.parts ?? []);
  const postings = typed.map((word) => search.posting(word));
  const title = typed.length ? search.posting(typed.join("")) : null;
  const begins = typed.length ? exactly(search, typed[0]) : null;
  const spots = (place, which) =>
    postings.map((posting) => {
      const slot = posting?.[which] ? slotOf(posting, place) : -1;
      return slot < 0 ? 0 : posting[which][slot];
    });
  return {
    isEmpty: typed.length === 0,
    isTitle: (place) => {
      const slot = title ? slotOf(title, place) : -1;
      return slot >= 0 && (title.masks[slot] & TITLE) !== 0;
    },
    isInName: (place) => isPhrase(spots(place, "own").map((mask) => mask & ~1)),
    isInOther: (place) => isPhrase(spots(place, "other")),
    begins: (place) => (begins.any[place] & BEGINS) !== 0,
  };
};

// Tiers: 0 a name equals the query; 1 the query is a whole phrase of the name; 2 every word begins a word of the name; 3 the query
// is a phrase of another name, or every word is a whole author, platform, kind or keyword; 4 the rest. Within a tier, names that
// begin with the query come first: the class is twice the tier, plus one if the name does not.
const typedClass = (phrase, place, inName, inOther, inFacts) => {
  if (phrase.isEmpty) return 1;
  const late = inName && phrase.begins(place) ? 0 : 1;
  if ((inName || inOther) && phrase.isTitle(place)) return late;
  if (inName) return (phrase.isInName(place) ? 2 : 4) + late;
  if (inOther && phrase.isInOther(place)) return 6 + late;
  return (inFacts ? 6 : 8) + late;
};

// With a guessed spelling, the words that were meant are those of the name that matched.
const guessedClass = (answers, place, inName, inOther, inFacts) => {
  let meant = 0;
  for (const { terms } of answers) {
    for (const posting of terms) {
      const slot = posting.own ? slotOf(posting, place) : -1;
      if (slot >= 0) meant |= posting.own[slot];
    }
  }
  if (meant === 0) return 9;
  const first = (meant & 2) !== 0;
  const late = inName && first ? 0 : 1;
  const words = meant & ~1;
  const together = (words & (words + (words & -words))) === 0;
  if ((inName || inOther) && together && first && meant & 1) return late;
  if (inName) return (together ? 2 : 4) + late;
  return (inFacts ? 6 : 8) + late;
};

// A rank is one number, class before score; lower is better.
const SCORES = 2 ** 26;
const tierOfRank = (rank) => Math.floor(rank / (2 * SCORES));

// { order: { places: of the entries found, ranks: of all entries, Infinity if not found }, words, answers: one per word,
//   similar: whether a spelling was guessed, left: words that were left out, since they are small or stand around an identifier };
// null for a query without words.
export const rank = (search, text) => {
  const typed = typedWords(search, text);
  search.requireAll();
  if (typed.length === 0) return null;
  let words = typed;
  const nothing = { order: { places: [], ranks: [] }, words, answers: [], similar: false, left: [] };
  if (search.size === 0) return nothing;
  let similar = false;
  let left = [];
  let phrase = null;
  const attempt = (tried, hows, joined) => {
    const answers = wordAnswers(search, tried, hows, joined);
    phrase = phraseOf(search, tried);
    search.requireAll();
    return { answers, found: allOf(answers) };
  };
  const exact = (tried) => attempt(tried, tried.map(() => exactly));
  let { answers, found } = exact(words);
  const large = words.filter((word) => !isSmallWord(word));
  if (found.count === 0 && large.length > 0 && large.length < words.length) {
    left = words.filter((word) => !large.includes(word)).map((word) => word.typed);
    words = large;
    ({ answers, found } = exact(words));
  }
  // A URL or DOI says what is meant, whatever stands around it; several may be of different entries.
  const known = words.filter(isKnown);
  if (found.count === 0 && known.length > 0) {
    left = typed.filter((word) => !isKnown(word)).map((word) => word.typed);
    words = known;
    ({ answers, found } = exact(words));
    if (found.count === 0) found = anyOf(answers);
  }
  if (found.count === 0) {
    similar = true;
    const lost = answers.map((each) => each.count === 0);
    // First assume that words without any match are misspelt, then that others are, too; last that two adjacent words are one in
    // the index, each of them too short for a guess: `gama ray`.
    for (const [guessed, joined] of [[lost], [words.map(() => true)], [lost, similarlyJoined]]) {
      if (found.count === 0) ({ answers, found } = attempt(words, guessed.map((is) => (is ? similarly : exactly)), joined));
    }
  }
  if (found.count === 0) return { ...nothing, words, left };
  const [name, alias, facts] = [bit(search, "name"), bit(search, "alias"), bits(search, FACTS)];
  const ranks = new Float64Array(search.size).fill(Infinity);
  const places = new Uint32Array(found.count);
  let count = 0;
  for (let place = 0; place < search.size; place += 1) {
    if (!found.any[place]) continue;
    let inName = name;
    let inOther = alias;
    let inFacts = true;
    for (const answer of answers) {
      inName &= answer.any[place];
      inOther &= answer.any[place];
      inFacts &&= (answer.whole[place] & facts) !== 0;
    }
    const own = similar && !phrase.isEmpty
      ? guessedClass(answers, place, inName, inOther, inFacts)
      : typedClass(phrase, place, inName, inOther, inFacts);
    ranks[place] = own * SCORES + (SCORES - 1 - Math.min(found.score[place], SCORES - 1));
    places[count] = place;
    count += 1;
  }
  return { order: { places, ranks }, words, answers, similar, left };
};

export const tierOf = ({ order }, place) => tierOfRank(order.ranks[place]);

// For each typed word, the terms by which it found an entry, each with its field.
export const matchesOf = (search, { answers }, place) => answers.map((answer) => matchedIn(search, place, answer));

// The withdrawn entries with this name or DOI, or with a DOI in this text: [slug, name] each.
export const withdrawn = (search, text) => {
  const asked = text.trim().slice(0, LETTERS_AT_MOST);
  const inside = stretches(asked).map(identifier).filter((key) => ADDRESS.test(key));
  const keys = new Set([parts(asked).join(""), identifier(asked), ...inside]);
  const found = [...keys].flatMap((key) => search.withdrawn(key));
  search.requireAll();
  return [...new Map(found)];
};

const ones = (mask) => {
  let count = 0;
  for (let rest = mask; rest; rest &= rest - 1) count += 1;
  return count;
};

// What is left out of a query, of which the words in `mask` stay: each run of other words, unless all of them are small.
const leftOut = (words, mask) => {
  const runs = [[]];
  words.forEach((word, number) => {
    if (mask & (1 << number)) runs.push([]);
    else runs.at(-1).push(word);
  });
  return runs.filter((run) => !run.every(isSmallWord)).map((run) => run.map(({ typed }) => typed).join(" "));
};

// For a text whose words none of the entries at `places` has together: queries with the words that some of them have together,
// { query, left: what is left out } each. First those that leave out the fewest words, then others with a word that is in none
// of those; of two the one that guesses less, then the one with more letters: a long word says more than a short one.
export const partly = (search, text, places) => {
  const words = typedWords(search, text);
  if (search.size === 0) return [];
  const exact = wordAnswers(search, words, words.map(() => exactly));
  const isLost = exact.map(({ count }) => count === 0);
  const answers = wordAnswers(search, words, isLost.map((is) => (is ? similarly : exactly)));
  search.requireAll();
  const isAllSmall = words.every(isSmallWord);
  const bitOf = words.map((word, number) => (isAllSmall || !isSmallWord(word) ? 1 << number : 0));
  const isMet = new Uint8Array(1 << words.length); // by a set of words as bits, whether an entry has these and no others
  for (const place of places) {
    let mask = 0;
    for (let number = 0; number < answers.length; number += 1) if (answers[number].any[place]) mask |= bitOf[number];
    isMet[mask] = 1;
  }
  const letters = (mask) => words.reduce((sum, { typed }, number) => (mask & (1 << number) ? sum + typed.length : sum), 0);
  const guessed = bitOf.reduce((mask, own, number) => (isLost[number] ? mask | own : mask), 0);
  const every = bitOf.reduce((mask, own) => mask | own, 0);
  const order = [...isMet.keys()]
    .filter((mask) => mask !== 0 && mask !== every && isMet[mask])
    .sort((a, b) => ones(b) - ones(a) || ones(a & guessed) - ones(b & guessed) || letters(b) - letters(a) || a - b);
  let offered = 0;
  const chosen = order
    .filter((mask) => {
      const isWanted = ones(mask) === ones(order[0]) || mask & ~offered;
      offered |= mask;
      return isWanted;
    })
    .slice(0, PARTS_AT_MOST)
    .map((mask) => ({ mask, kept: words.filter((_, number) => mask & (1 << number)) }));
  // Words that are adjacent now may be one in the index: all that is needed for it is requested together.
  for (const { kept } of chosen) wordAnswers(search, kept, kept.map(() => exactly));
  search.requireAll();
  return chosen.map(({ mask, kept }) => ({ query: kept.map(({ typed }) => typed).join(" "), left: leftOut(words, mask) }));
};
