// Ranks entries for what a reader typed. Pure: gets what `prepared` made of the index, gives the rank of each entry found.
// Nothing that was typed ever reaches lunr's own query language, which throws on a colon and freezes on `fits~100`.
// An entry's tier goes before its score: a name that is the query stands before one that holds it, and so on.

import { nearTerms } from "./near.js";
import { allOf, anyOf, bit, bits, exactAnswer, matchedIn, opened, placesAnswer, termsAnswer } from "./postings.js";
import { chunks, identifier, isSmall, parts } from "./words.js";

const LETTERS_AT_MOST = 500;
export const WORDS_AT_MOST = 12;
const ANSWERS_KEPT = 200;
// Fields whose words a reader chooses from: a whole one says more than a word of a sentence.
const FACTS = ["author", "platform", "interface", "keyword", "data", "licence"];

// What a search needs: `data` is the content of the index file.
export const prepared = (lunr, data) => {
  const slugs = Object.keys(data.names);
  const index = data.index && lunr.Index.load(data.index);
  const read = index && opened(index, slugs);
  return {
    read,
    facts: read && bits(read, FACTS),
    name: read && bit(read, "name"),
    alias: read && bit(read, "alias"),
    slugs,
    names: new Map(Object.entries(data.names)),
    nameParts: slugs.map((slug) => data.names[slug].map(parts)),
    identifiers: new Map(Object.entries(data.identifiers)),
    synonyms: data.synonyms,
    answers: new Map(),
  };
};

// The letters before this one asked most of the same questions.
const remembered = (search, key, make) => {
  if (!search.answers.has(key)) {
    if (search.answers.size >= ANSWERS_KEPT) search.answers.clear();
    search.answers.set(key, make());
  }
  return search.answers.get(key);
};
const exactly = (search, word) => remembered(search, `=${word}`, () => exactAnswer(search.read, word));
const similarly = (search, word) =>
  remembered(search, `~${word}`, () => termsAnswer(search.read, nearTerms(word, search.read.terms)));

// What one typed word finds: joined, or in its parts, all of which must be there.
const wordAnswer = (search, word, how) => {
  if (word.known) return word.known.answer;
  const whole = how(search, word.parts.join(""));
  return word.parts.length > 1 ? anyOf([whole, allOf(word.parts.map((part) => how(search, part)))]) : whole;
};

// One answer for each word. Two words that stand side by side may be one in the index: `moc py`.
const wordAnswers = (search, words, hows) => {
  const own = words.map((word, place) => wordAnswer(search, word, hows[place]));
  const pairs = words
    .slice(1)
    .map((word, place) =>
      word.known || words[place].known ? null : exactly(search, [...words[place].parts, ...word.parts].join("")),
    );
  return own.map((found, place) => anyOf([found, pairs[place - 1], pairs[place]].filter(Boolean)));
};

const HOST_AND_PATH = /^[a-z0-9.-]+\.[a-z]{2,}\/[^/]/u;

// The entries that an address or a DOI names; null where it names none. A page below a known address is about it, and
// the address of an owner is about all that is below.
const lookup = (search, text) => {
  if (search.read === null) return null;
  const key = identifier(text);
  const named = (found, say = (is) => is) => {
    const what = new Map(found.map(([slug, is]) => [slug, say(is)]));
    const scored = [...what.keys()].map((slug, number) => [search.read.places.get(slug), 1 / (1 + number)]);
    return { answer: placesAnswer(search.read, scored), what };
  };
  if (search.identifiers.has(key)) return named(search.identifiers.get(key));
  if (!HOST_AND_PATH.test(key)) return null;
  const below = [...search.identifiers].filter(([other]) => other.startsWith(`${key}/`)).flatMap(([, found]) => found);
  if (below.length) return named(below, (is) => `${is} is below this address`);
  for (let end = key.lastIndexOf("/"); end > key.indexOf("/"); end = key.lastIndexOf("/", end - 1)) {
    const above = search.identifiers.get(key.slice(0, end));
    if (above) return named(above, (is) => `a page below ${is}`);
  }
  return null;
};

// What was typed, word by word: { typed, parts } or { typed, known } for an address.
export const typedWords = (search, text) => {
  const asked = text.trim().slice(0, LETTERS_AT_MOST);
  const known = lookup(search, asked);
  if (known) return [{ typed: asked, known }];
  return asked
    .split(/\s+/u)
    .slice(0, LETTERS_AT_MOST)
    .flatMap((typed) => {
      const named = /[/:.]|[0-9]{4}-[0-9]{4}/u.test(typed) ? lookup(search, typed) : null;
      return named ? [{ typed, known: named }] : chunks(typed).map((found) => ({ typed, parts: found }));
    })
    .slice(0, WORDS_AT_MOST);
};

const holds = (name, phrase) => ` ${name.join(" ")} `.includes(` ${phrase.join(" ")} `);

// 0 the name, or another name, is the query; 1 the query is a whole phrase of the name; 2 every word begins a word of the
// name; 3 the query is a phrase of another name, or every word is a whole author, platform, kind or keyword; 4 the rest.
const tierOf = (search, [name, ...others], typed, inName, inAlias, inFacts) => {
  if (inName || inAlias) {
    if ([name, ...others].some((each) => each.join("") === typed.join(""))) return 0;
    if (inName && holds(name, typed)) return 1;
  }
  if (inName) return 2;
  if (inAlias && others.some((each) => holds(each, typed))) return 3;
  return inFacts ? 3 : 4;
};

// { order: Map of slug to { tier, late, score }, words, answers: one for each word, similar: whether a spelling had to be
//   guessed, left: small words that had to be left out }; null for a query without words.
export const rank = (search, text) => {
  let words = typedWords(search, text);
  if (words.length === 0) return null;
  const nothing = { order: new Map(), words, answers: [], similar: false, left: [] };
  if (search.read === null) return nothing;
  let similar = false;
  let left = [];
  const attempt = (tried, hows) => {
    const answers = wordAnswers(search, tried, hows);
    return { answers, found: allOf(answers) };
  };
  const exact = (tried) => attempt(tried, tried.map(() => exactly));
  let { answers, found } = exact(words);
  const large = words.filter((word) => word.known || !word.parts.every(isSmall));
  if (found.count === 0 && large.length > 0 && large.length < words.length) {
    left = words.filter((word) => !large.includes(word)).map((word) => word.typed);
    words = large;
    ({ answers, found } = exact(words));
  }
  if (found.count === 0) {
    similar = true;
    const lost = answers.map((each) => each.count === 0);
    // A word that nothing has is the one that is misspelt; only then the others.
    for (const guessed of [lost, words.map(() => true)]) {
      if (found.count === 0 && guessed.some(Boolean)) {
        ({ answers, found } = attempt(words, guessed.map((guess) => (guess ? similarly : exactly))));
      }
    }
  }
  if (found.count === 0) return { ...nothing, words, left };
  const typed = words.flatMap((word) => word.parts ?? []);
  const order = new Map();
  for (let place = 0; place < search.slugs.length; place += 1) {
    if (!found.any[place]) continue;
    const slug = search.slugs[place];
    const names = search.nameParts[place];
    const inName = answers.every((answer) => answer.any[place] & search.name);
    const inAlias = answers.every((answer) => answer.any[place] & search.alias);
    const inFacts = answers.every((answer) => answer.whole[place] & search.facts);
    // With a guessed spelling, the words that were meant are those of the index that matched.
    const meant = similar ? names[0].filter((word) => answers.some((answer) => answer.matches(word))) : typed;
    const tier = typed.length === 0 ? 0 : meant.length ? tierOf(search, names, meant, inName, inAlias, inFacts) : 4;
    const late = inName && meant.length && names[0][0]?.startsWith(meant[0]) ? 0 : 1;
    order.set(slug, { tier, late, score: found.score[place] });
  }
  return { order, words, answers, similar, left };
};

// For sorting: the better rank first; 0 where two are equal.
export const better = (a, b) => a.tier - b.tier || a.late - b.late || b.score - a.score;

// For each typed word, the terms of an entry by which it was found, each with its field.
export const matchesOf = (search, { answers }, slug) =>
  answers.map((answer) => matchedIn(search.read, slug, answer.matches));

// How many entries each typed word finds by itself: [word, count].
export const alone = (search, text) =>
  typedWords(search, text).map((word) => [word.typed, search.read ? wordAnswer(search, word, exactly).count : 0]);
