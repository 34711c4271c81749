// Ranks entries for what a reader typed. Pure: gets what `prepared` made of the index, gives a rank and reasons by slug.
// Only `index.query` with our own terms is used: lunr's own query language throws on a colon and freezes on `fits~100`.
// An entry's tier goes before its score: a name that is the query stands before one that holds it, and so on.

import { nearTerms } from "./near.js";
import { PREFIX_FROM, chunks, identifier, isSmall, parts, singular } from "./words.js";

const LETTERS_AT_MOST = 500;
export const WORDS_AT_MOST = 12;
const ANSWERS_KEPT = 300;
// Fields whose words a reader chooses from: a whole one says more than a word of a sentence.
const FACTS = ["author", "platform", "interface", "keyword", "data", "licence"];

// What a search needs: `data` is the content of the index file.
export const prepared = (lunr, data) => {
  const index = data.index && lunr.Index.load(data.index);
  return {
    lunr,
    index,
    vocabulary: index ? Object.keys(index.invertedIndex) : [],
    names: new Map(Object.entries(data.names)),
    nameParts: new Map(Object.entries(data.names).map(([slug, names]) => [slug, names.map(parts)])),
    identifiers: new Map(Object.entries(data.identifiers)),
    synonyms: data.synonyms,
    answers: new Map(),
  };
};

const isPlatform = (search, term) => Object.keys(search.index.invertedIndex[term]?.platform ?? {}).length > 0;

// slug -> { score, terms: for each term of the index that matched, the fields that it is in }
const query = (search, clauses) => {
  const found = search.index.query((lunrQuery) => {
    for (const [term, options] of clauses) lunrQuery.term(term, { usePipeline: false, ...options });
  });
  return new Map(found.map(({ ref, score, matchData }) => [ref, { score, terms: [matchData.metadata] }]));
};

const answer = (search, word) => {
  const clauses = [[word, { boost: 4 }]];
  if (singular(word) !== word) clauses.push([singular(word), { boost: 3 }]);
  if (word.length >= PREFIX_FROM) clauses.push([word, { wildcard: search.lunr.Query.wildcard.TRAILING, boost: 1 }]);
  const found = query(search, clauses);
  // A word that is a whole language means that one, and none whose name begins with it: Java is not JavaScript.
  if (isPlatform(search, word)) {
    for (const [slug, { terms }] of found) {
      const meant = Object.keys(terms[0]).some((term) => term === word || !isPlatform(search, term));
      if (!meant) found.delete(slug);
    }
  }
  return found;
};

const similarAnswer = (search, word) => {
  const near = nearTerms(word, search.vocabulary);
  return near.length ? query(search, near.map((term) => [term, {}])) : new Map();
};

// The letters before this one gave most of the same questions.
const remembered = (search, key, make) => {
  if (!search.answers.has(key)) {
    if (search.answers.size >= ANSWERS_KEPT) search.answers.clear();
    search.answers.set(key, make());
  }
  return search.answers.get(key);
};
const exactly = (search, word) => remembered(search, `=${word}`, () => answer(search, word));
const similarly = (search, word) => remembered(search, `~${word}`, () => similarAnswer(search, word));

const all = (maps) => {
  if (maps.length < 2) return maps[0] ?? new Map();
  const [first, ...rest] = [...maps].sort((a, b) => a.size - b.size);
  const both = new Map();
  for (const [slug, found] of first) {
    if (rest.every((other) => other.has(slug))) {
      let { score, terms } = found;
      for (const other of rest) {
        const more = other.get(slug);
        score += more.score;
        terms = [...terms, ...more.terms];
      }
      both.set(slug, { score, terms });
    }
  }
  return both;
};

const any = (maps) => {
  const some = maps.filter((map) => map.size > 0);
  if (some.length < 2) return some[0] ?? new Map();
  const best = new Map(some[0]);
  for (const map of some.slice(1)) {
    for (const [slug, found] of map) {
      const known = best.get(slug);
      best.set(
        slug,
        known ? { score: Math.max(found.score, known.score), terms: [...known.terms, ...found.terms] } : found,
      );
    }
  }
  return best;
};

// What one typed word finds: joined, or in its parts, all of which must be there.
const wordAnswer = (search, word, how) => {
  if (word.known) return word.known;
  const whole = how(search, word.parts.join(""));
  return word.parts.length > 1 ? any([whole, all(word.parts.map((part) => how(search, part)))]) : whole;
};

// One answer for each word. Two words that stand side by side may be one in the index: `moc py`.
const wordAnswers = (search, words, hows) => {
  const own = words.map((word, place) => wordAnswer(search, word, hows[place]));
  const pairs = words.slice(1).map((word, place) => {
    const before = words[place];
    if (word.known || before.known) return new Map();
    return exactly(search, [...before.parts, ...word.parts].join(""));
  });
  return own.map((found, place) => any([found, pairs[place - 1] ?? new Map(), pairs[place] ?? new Map()]));
};

const HOST_AND_PATH = /^[a-z0-9.-]+\.[a-z]{2,}\/[^/]/u;

// The entries that an address or a DOI names; null where it names none. A page below a known address is about it, and
// the address of an owner is about all that is below.
const lookup = (search, text) => {
  const key = identifier(text);
  const answers = (found, part = false) =>
    new Map(found.map(([slug, what], place) => [slug, { score: 1 / (1 + place), terms: [], what: part ? `near ${what}` : what }]));
  if (search.identifiers.has(key)) return answers(search.identifiers.get(key));
  if (!HOST_AND_PATH.test(key)) return null;
  const below = [...search.identifiers].filter(([other]) => other.startsWith(`${key}/`)).flatMap(([, found]) => found);
  if (below.length) return answers(below, true);
  for (let end = key.lastIndexOf("/"); end > key.indexOf("/"); end = key.lastIndexOf("/", end - 1)) {
    const above = search.identifiers.get(key.slice(0, end));
    if (above) return answers(above, true);
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
    .flatMap((typed) => {
      const named = typed.includes("/") || typed.includes(":") || typed.includes(".") ? lookup(search, typed) : null;
      return named ? [{ typed, known: named }] : chunks(typed).map((found) => ({ typed, parts: found }));
    })
    .slice(0, WORDS_AT_MOST);
};

const holds = (name, phrase) => ` ${name.join(" ")} `.includes(` ${phrase.join(" ")} `);
const isWhole = (terms, word, fields) =>
  terms.some((found) => [word, singular(word)].some((term) => found[term] && fields.some((field) => field in found[term])));

// 0 the name, or another name, is the query; 1 the query is a whole phrase of the name; 2 every word begins a word of the
// name; 3 the query is a phrase of another name, or every word is a whole author, platform, kind or keyword; 4 the rest.
const tierOf = ([name, ...others], typed, matches) => {
  if ([name, ...others].some((each) => each.join("") === typed.join(""))) return 0;
  if (holds(name, typed)) return 1;
  if (matches.every((terms) => terms.some((found) => Object.values(found).some((fields) => "name" in fields)))) return 2;
  if (others.some((each) => holds(each, typed))) return 3;
  return typed.every((word) => isWhole(matches.flat(), word, FACTS)) ? 3 : 4;
};

const startsWith = (name, [first = ""]) => (first && name[0]?.startsWith(first) ? 0 : 1);

// { order: Map of slug to { tier, late, score, matches }, words, similar: whether a spelling had to be guessed,
//   left: small words that had to be left out }; null for a query without words. Lower tiers and fewer `late` come first.
// `matches` holds, for each word, the terms of the index with their fields, or `what` for an address.
export const rank = (search, text) => {
  let words = typedWords(search, text);
  if (words.length === 0) return null;
  const nothing = { order: new Map(), words, similar: false, left: [] };
  if (search.index === null) return nothing;
  let similar = false;
  let left = [];
  const attempt = (tried, hows) => {
    const answers = wordAnswers(search, tried, hows);
    return { answers, found: all(answers) };
  };
  const exact = (tried) => attempt(tried, tried.map(() => exactly));
  let { answers, found } = exact(words);
  const large = words.filter((word) => word.known || !word.parts.every(isSmall));
  if (found.size === 0 && large.length > 0 && large.length < words.length) {
    left = words.filter((word) => !large.includes(word)).map((word) => word.typed);
    words = large;
    ({ answers, found } = exact(words));
  }
  if (found.size === 0) {
    similar = true;
    const lost = answers.map((each) => each.size === 0);
    // A word that nothing has is the one that is misspelt; only then the others.
    for (const guessed of [lost, words.map(() => true)]) {
      if (found.size === 0 && guessed.some(Boolean)) {
        ({ answers, found } = attempt(words, guessed.map((guess) => (guess ? similarly : exactly))));
      }
    }
  }
  if (found.size === 0) return { ...nothing, words };
  const typed = words.flatMap((word) => word.parts ?? []);
  const order = new Map();
  for (const [slug, { score }] of found) {
    const matches = answers.map((each) => each.get(slug));
    const terms = matches.map((match) => match.terms);
    const names = search.nameParts.get(slug) ?? [[]];
    // With a guessed spelling, the words that were meant are those of the index that matched.
    const meant = similar ? names[0].filter((word) => terms.flat().some((each) => word in each)) : typed;
    const tier = typed.length === 0 ? 0 : meant.length ? tierOf(names, meant, terms) : 4;
    order.set(slug, { tier, late: startsWith(names[0], meant), score, matches });
  }
  return { order, words, similar, left };
};

// For sorting: the better rank first; 0 where two are equal.
export const better = (a, b) => a.tier - b.tier || a.late - b.late || b.score - a.score;

// How many entries each typed word finds by itself: [word, count].
export const alone = (search, text) =>
  typedWords(search, text).map((word) => [word.typed, search.index ? wordAnswer(search, word, exactly).size : 0]);
