// The words of a text as the index knows them, by the rules of catalogue/words.py, which the build serves as rules.js.

import rules from "./rules.js";

export const PREFIX_FROM = rules.prefixFrom;
export const SIMILAR_FROM = rules.similarFrom;

const mapped = (text) => Array.from(text, (letter) => rules.letters[letter] ?? letter).join("");

// Most texts have only characters that need no mapping.
const PLAIN = /^[\x00-\x7f]*$/u;

// Without diacritics and case, special letters mapped: `Gál` becomes `gal`.
export const fold = (text) => {
  if (PLAIN.test(text)) return text.toLowerCase();
  return mapped(mapped(text.toLowerCase()).normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase());
};

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
// A letter before it belongs to another word only in a script without spaces: `解析用C++`.
const SYMBOL = new RegExp(`(?<!(?![${rules.unspaced}])[\\p{L}\\p{N}_])(?:${Object.keys(rules.symbols).map(escaped).join("|")})`, "giu");
// White space of Python and of JavaScript, which differ.
const BLANKS = /[\s\x1c-\x1f\x85]+/u;

const SIGNS = new Set(Object.keys(rules.symbols).map((name) => name.slice(1)));
const isSymbol = (letter, signs) => SIGNS.has(signs) && Object.hasOwn(rules.symbols, (letter + signs).toLowerCase());

// What is between blanks; signs of a language that stand alone belong to the letter before them: `C ++`.
export const stretches = (text) => {
  const found = [];
  for (const word of text.split(BLANKS)) {
    if (isSymbol(found.at(-1), word)) found[found.length - 1] += word;
    else if (word) found.push(word);
  }
  return found;
};

const UNSPACED = new RegExp(`[${rules.unspaced}]`, "u");
const ALL_UNSPACED = new RegExp(`^[${rules.unspaced}]+$`, "u");
const RUN = new RegExp(`[\\p{L}\\p{N}${rules.unspaced}]+`, "gu");
const ONE_KIND = new RegExp(`[${rules.unspaced}]+|[^${rules.unspaced}]+`, "gu");

// Whether a folded word has letters of a script that is written without spaces, and whether it has no others.
export const hasUnspaced = (word) => UNSPACED.test(word);
export const isUnspaced = (word) => ALL_UNSPACED.test(word);

// Each pair of adjacent letters of a word of an unspaced script.
export const pairs = (word) => {
  const letters = Array.from(word);
  return letters.slice(1).map((letter, at) => letters[at] + letter);
};

// Whether a word is long enough to be looked up as the beginning of another.
export const canBegin = (word) => word.length >= PREFIX_FROM || hasUnspaced(word);

// The runs of letters and digits, divided where an unspaced script begins or ends: `pythonによる` becomes [python, による].
const runs = (word) => {
  const found = word.match(RUN) ?? [];
  return hasUnspaced(word) ? found.flatMap((run) => run.match(ONE_KIND)) : found;
};

// Each word between blanks as the list of its parts: `gamma-ray tool` becomes [[gamma, ray], [tool]].
export const chunks = (text) =>
  stretches(text)
    .join(" ")
    .replace(SYMBOL, (symbol) => ` ${rules.symbols[symbol.toLowerCase()]} `)
    .split(BLANKS)
    .map((word) => runs(fold(word)))
    .filter((found) => found.length > 0);

const withPairs = (part) => (part.length > 2 && isUnspaced(part) ? [part, ...pairs(part).filter((pair) => pair !== part)] : [part]);

export const tokens = (text) =>
  chunks(text).flatMap((found) => [...(found.length > 1 ? [found.join("")] : []), ...found.flatMap(withPairs)]);

export const parts = (text) => chunks(text).flat();

export const singular = (word) => {
  for (const [ending, other, least] of rules.plurals) {
    // Count code points, as Python does, not UTF-16 code units.
    if (word.endsWith(ending) && [...word].length >= least) return word.slice(0, word.length - ending.length) + other;
  }
  return word;
};

const SMALL = new Set(rules.small);

// Small words: left out of a query only if no entry has all of its words.
export const isSmall = (word) => SMALL.has(word);

const IDENTIFIERS = rules.identifiers.map(([pattern, replacement]) => [new RegExp(pattern, "gu"), replacement]);

// The canonical form of a DOI, a URL or an ORCID; for any other text something that equals no canonical form.
export const identifier = (text) =>
  IDENTIFIERS.reduce(
    (found, [pattern, replacement]) => found.replace(pattern, replacement),
    text.split(BLANKS).filter(Boolean).join(" ").toLowerCase(),
  );
