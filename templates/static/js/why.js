// Why an entry matched, in words, and which words of a text to mark. Pure.

import { matchesOf, tierOf } from "./rank.js";
import { chunks, fold, hasUnspaced, isUnspaced, parts, singular, tokens } from "./words.js";

// The fields, those that explain a match best first.
const ORDER = ["name", "alias", "author", "keyword", "platform", "interface", "data", "licence", "synonym", "text", "affiliation"];
const REASONS_AT_MOST = 3;

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

const begins = (term, part) => term === singular(part) || term.startsWith(part);

// The match that explains best: one of a whole joined word (`gamma-ray`) rather than of a part of it.
const bestMatch = (matches, word) => {
  const joined = word.parts.join("");
  const termsOf = new Map();
  for (const [term, field] of matches) termsOf.set(field, [...(termsOf.get(field) ?? []), term]);
  let best = null;
  for (const [field, terms] of termsOf) {
    const covers = terms.some((term) => begins(term, joined)) || word.parts.every((part) => terms.some((term) => begins(term, part)));
    for (const term of terms) {
      const whole = [joined, ...word.parts].some((part) => term === part || term === singular(part));
      const rank = ORDER.indexOf(field) + (whole ? 0 : 0.5) + (covers ? 0 : ORDER.length);
      const said = covers ? word.typed : (word.parts.find((part) => begins(term, part)) ?? word.typed);
      if (best === null || rank < best.rank) best = { rank, term, field, whole, said };
    }
  }
  return best;
};

// The groups of synonyms with the words of each phrase; computed once, since each shown entry needs them.
const phrases = new WeakMap();
const groupsOf = ({ synonyms }) => {
  if (!phrases.has(synonyms)) phrases.set(synonyms, synonyms.map((group) => group.map((text) => ({ text, words: parts(text) }))));
  return phrases.get(synonyms);
};

// The phrase of a group of synonyms that was typed, or a word of it, and the first other phrase of the group.
const synonymOf = (search, word, typed) => {
  const group = groupsOf(search).find((each) => each.some(({ words }) => words.includes(word)));
  const said = group?.find(({ words }) => words.includes(word) && words.every((part) => typed.includes(part)));
  const other = group?.find((phrase) => phrase !== said && !phrase.words.includes(word));
  return other && [said?.text ?? word, other.text];
};

// One reason per typed word, without repetition. `label(field, term)` is the value of the entry that contains the term, with the
// name of its facet: `Author: Tamás Gál`; empty if there is none. `names` are the names of the entry.
export const reasons = (search, ranked, { place, names }, label) => {
  const tier = tierOf(ranked, place);
  const matches = matchesOf(search, ranked, place);
  const all = ranked.words.flatMap((word) => word.parts ?? []);
  if (tier === 0 && all.length && !ranked.similar) {
    const own = parts(names[0]).join("") === all.join("");
    return [own ? "Exact name" : `Also known as ${names.find((name) => parts(name).join("") === all.join(""))}`];
  }
  const found = ranked.words.map((word, number) => {
    if (word.known) return word.known.what.get(place);
    const typed = [word.parts.join(""), ...word.parts];
    const best = bestMatch(matches[number], word);
    if (best === null) return "";
    const { term, field, whole, said } = best;
    const guessed = ranked.similar && !whole && !typed.some((each) => term.startsWith(each));
    if (guessed) return `Similar spelling: ${label(field, term).replace(/^[^:]*: /u, "") || term}`;
    if (field === "name") {
      if (parts(names[0])[0]?.startsWith(typed[0])) return `Name starts with ${said}`;
      return `Name contains ${whole || hasUnspaced(term) ? "" : "a word with "}${said}`;
    }
    if (field === "alias") {
      const isIn = isUnspaced(term) ? (each) => each.includes(term) : (each) => each === term || singular(each) === term;
      const other = names.slice(1).find((name) => tokens(name).some(isIn));
      return other ? `Also known as ${other}` : `Address or repository contains ${said}`;
    }
    if (field === "synonym") {
      const [own, other] = synonymOf(search, term, all) ?? [said, "words of it"];
      return `${own} is another word for ${other}`;
    }
    if (field === "text") return `Description contains ${said}`;
    if (field === "affiliation") return `Affiliation contains ${said}`;
    return label(field, term) || `Contains ${said}`;
  });
  return [...new Set(found.filter(Boolean))].slice(0, REASONS_AT_MOST).map(capital);
};

// The terms by which an entry was found, to be marked. Of a run of an unspaced script only what was typed is marked, not the whole
// run that begins with it.
export const matchedTerms = (search, ranked, place) => {
  const words = ranked.words.map((word) => word.parts ?? []);
  const runs = words.flatMap((each) => [each.join(""), ...each]).filter(hasUnspaced);
  const found = matchesOf(search, ranked, place).flatMap((each) => each.map(([term]) => term));
  return new Set([...words.flat(), ...found.filter((term) => !runs.some((run) => term.startsWith(run)))]);
};

const has = (terms, token) => terms.has(token) || terms.has(singular(token));

// A text divided where runs of an unspaced script begin and end: the letters of each piece, as [letter, folded].
const byScript = (text) => {
  const found = [];
  let last = null;
  for (const letter of text.match(/\P{M}\p{M}*|\p{M}+/gu)) {
    const folded = fold(letter);
    if (folded === "" && last !== null) {
      found.at(-1).at(-1)[0] += letter; // a half-width voicing mark
      continue;
    }
    if (isUnspaced(folded) !== last) found.push([]);
    last = isUnspaced(folded);
    found.at(-1).push([letter, folded]);
  }
  return found;
};
const spelt = (letters) => letters.map(([letter]) => letter).join("");
const folding = (letters) => letters.map(([, folded]) => folded).join("");

// A text cut into pieces, each with the terms for which it is marked: [text, terms]. The pieces joined are the text. Of a run of an
// unspaced script a part may be marked: it has its letters, too.
export const cutUp = (text) => {
  const found = [];
  const add = (piece, ways) => {
    if (!piece) return;
    if (!hasUnspaced(fold(piece))) {
      found.push([piece, ways]);
      return;
    }
    for (const letters of byScript(piece)) {
      const run = folding(letters);
      if (isUnspaced(run)) found.push([spelt(letters), [...ways, run], letters]);
      else found.push([spelt(letters), [...ways, ...tokens(spelt(letters))]]);
    }
  };
  for (const piece of text.split(/(\s+)/u)) {
    const [own = [], ...others] = chunks(piece);
    const match = /[\p{L}\p{N}].*[\p{L}\p{N}\p{M}+#]|[\p{L}\p{N}]/su.exec(piece);
    if (!match || own.length === 0) add(piece, []);
    else {
      add(piece.slice(0, match.index), []);
      // A joined word is marked as a whole if the whole matched, else by its parts. The name of a language in a script without
      // spaces is none of them: `C++による`.
      if (own.length === 1) add(match[0], others.length && hasUnspaced(fold(piece)) ? [] : own);
      else {
        for (const run of match[0].split(/([\p{L}\p{N}\p{M}]+)/u)) add(run, [own.join(""), fold(run)]);
      }
      add(piece.slice(match.index + match[0].length), []);
    }
  }
  return found;
};

// The letters of a run, each with whether it belongs to one of the terms.
const marksInside = (letters, terms) => {
  const run = folding(letters);
  const spans = [];
  for (const term of terms) {
    if (!isUnspaced(term)) continue;
    for (let at = run.indexOf(term); at >= 0; at = run.indexOf(term, at + 1)) spans.push([at, at + term.length]);
  }
  let end = 0;
  return letters.map(([letter, { length }]) => {
    const start = end;
    end += length;
    return [letter, spans.some(([first, last]) => first < end && start < last)];
  });
};

// The pieces of a text, each with whether it is marked: [text, isMarked].
export const marks = (pieces, terms) => {
  const found = [];
  const add = (text, marked) => {
    const last = found.at(-1);
    if (last && last[1] === marked) last[0] += text;
    else found.push([text, marked]);
  };
  for (const [text, ways, letters] of pieces) {
    const marked = ways.some((way) => has(terms, way));
    if (letters && !marked) for (const each of marksInside(letters, terms)) add(...each);
    else add(text, marked);
  }
  return found;
};
