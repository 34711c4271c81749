// The words of a text as the index knows them; the same rules as catalogue/outputs/search.py.
// `tables` comes with the index: letters that Unicode does not decompose, and names made of symbols.

export const fold = (text, letters) => {
  const map = (given) => Array.from(given, (letter) => letters[letter] ?? letter).join("");
  return map(map(text.toLowerCase()).normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase());
};

const parts = (word) => word.match(/[\p{L}\p{N}]+/gu) ?? [];

// The words of a name, in their parts.
export const nameWords = (text, tables) => typedWords(text, tables).flatMap((ways) => ways.at(-1));

// Each typed word as the ways to find it: joined, and in its parts, all of which must be there.
export const typedWords = (text, tables) =>
  text
    .replace(/(?<![\p{L}\p{N}_])(?:c\+\+|[cf]#)/giu, (symbol) => ` ${tables.symbols[symbol.toLowerCase()]} `)
    .split(/\s+/u)
    .map((word) => parts(fold(word, tables.letters)))
    .filter((found) => found.length > 0)
    .map((found) => (found.length > 1 ? [[found.join("")], found] : [found]));
