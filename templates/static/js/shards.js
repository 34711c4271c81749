// The index of a large catalogue, read from the shards that catalogue/outputs/shards.py writes. A shard that is needed and not yet
// there is recorded in the cache as missing. The same functions as in whole_index.js.

import { deltas, firstFrom, fromGaps, levels, numbers, runOf, words } from "./packed.js";
import { IndexFailure, json } from "./parts.js";
import { bit } from "./postings.js";

const isBefore = (one, other) => (one < other ? -1 : one > other ? 1 : 0);

// Loads a part for the cache: what `read` makes of a file, with its approximate size in bytes.
const part = (read) => async (address, again) => {
  const { data, length } = await json(address, again);
  try {
    return read(data, length);
  } catch {
    throw new IndexFailure("cut");
  }
};

// A shard has hundreds of terms: a term is decoded when it is first asked for.
const readTerms = (name, alias) => ({ terms: packed, masks, places, fields, weights, spots }, length) => {
  const terms = words(packed);
  if ([places, fields, weights, spots].some((each) => each.length !== terms.length)) throw new RangeError();
  const read = (at) => {
    const maskNumbers = numbers(fields[at]);
    const found = {
      term: terms[at],
      places: fromGaps(numbers(places[at])),
      masks: new Uint16Array(maskNumbers.length),
      levels: levels(weights[at]),
      own: null,
      other: null,
      fields: 0,
    };
    const size = found.masks.length;
    const spot = numbers(spots[at]);
    let next = 0;
    const note = (which, slot) => {
      if (spot[next]) {
        found[which] ??= new Uint32Array(size);
        found[which][slot] = spot[next];
      }
      next += 1;
    };
    for (let slot = 0; slot < size; slot += 1) {
      const mask = masks[maskNumbers[slot]];
      found.masks[slot] = mask;
      found.fields |= mask;
      if (mask & name) note("own", slot);
      if (mask & alias) note("other", slot);
    }
    return found;
  };
  const made = [];
  return { value: { terms, posting: (at) => (made[at] ??= read(at)) }, weight: 5 * length + 300 * terms.length };
};

const readNear = ({ terms, flags }, length) => ({ value: { terms: words(terms), flags: numbers(flags) }, weight: 8 * length });
const readTails = ({ tails, letters }, length) => {
  const all = words(tails);
  return { value: new Map(all.map((tail, at) => [tail, [...letters[at]]])), weight: 8 * length };
};
const readKnown = ({ known }, length) => ({ value: known, weight: 2 * length });
const readRuns = ({ words: runs }, length) => ({ value: runs, weight: 2 * length });
const readManifest = (data, length) => {
  if (!Array.isArray(data.terms) || !(data.total >= 0)) throw new TypeError();
  return { value: { ...data, answers: new Map() }, weight: length };
};
const readColumn = ({ sets, column }, length) => {
  const found = numbers(column);
  return { value: { sets, column: sets.length < 256 ? Uint8Array.from(found) : found }, weight: 4 * length };
};
const readShown = ({ values }, length) => ({ value: new Map(values.map(([, slug, , where]) => [slug, fromGaps(numbers(where))])), weight: 4 * length });
const readOrder = ({ ranks }, length) => ({ value: deltas(ranks), weight: 4 * length });

// The index of one build. `address` is the URL of its manifest.
export const sharded = (cache, address) => {
  const folder = address.replace(/\.json$/u, "/");
  const of = (read, path, isOptional) => cache.get(path, (again) => part(read)(path ? `${folder}${path}.json` : address, again), isOptional);
  // Without the manifest nothing else can be requested. With it, everything missing is requested together.
  const manifest = () => {
    const found = of(readManifest, "");
    if (!found) cache.requireAll();
    return found;
  };
  // The shards, of those that are there, which hold keys that begin with `start`.
  const begun = (name, begins, start, read) => {
    const found = [];
    for (let at = runOf(begins, start); at < begins.length; at += 1) {
      if (begins[at] > start && !begins[at].startsWith(start)) break;
      const run = of(read, `${name}/${at}`);
      if (run) found.push(run);
    }
    return found;
  };
  const only = (name, begins, key, read) => of(read, `${name}/${runOf(begins, key)}`);
  const from = (list, key, get = (each) => each) => firstFrom(list.length, (at) => isBefore(get(list[at]), key) < 0);
  const exact = (pairs, key) => {
    const at = pairs ? from(pairs, key, ([each]) => each) : -1;
    return pairs?.[at]?.[0] === key ? pairs[at][1] : null;
  };
  const beginning = (runs, start) =>
    runs.flatMap((pairs) => {
      const found = [];
      for (let at = from(pairs, start, ([each]) => each); at < pairs.length && pairs[at][0].startsWith(start); at += 1) found.push(pairs[at]);
      return found;
    });

  const search = () => {
    const { total, fields, synonyms, answers, terms, near, tails, identifiers, withdrawn } = manifest();
    const read = readTerms(bit({ fields }, "name"), bit({ fields }, "alias"));
    return {
      size: total,
      fields,
      synonyms,
      answers,
      posting: (term) => {
        if (!term) return null;
        const run = only("terms", terms, term, read);
        const at = run ? from(run.terms, term) : -1;
        return run?.terms[at] === term ? run.posting(at) : null;
      },
      beginning: (start) =>
        begun("terms", terms, start, read).flatMap((run) => {
          const found = [];
          for (let at = from(run.terms, start); at < run.terms.length && run.terms[at].startsWith(start); at += 1) found.push(run.posting(at));
          return found;
        }),
      vocabulary: (start) =>
        begun("near", near, start, readNear).flatMap((run) => {
          const found = [];
          for (let at = from(run.terms, start); at < run.terms.length && run.terms[at].startsWith(start); at += 1) {
            found.push([run.terms[at], run.flags[at]]);
          }
          return found;
        }),
      letters: (rest) => only("tails", tails, rest, readTails)?.get(rest) ?? [],
      known: (key) => exact(only("identifiers", identifiers, key, readKnown), key),
      knownBelow: (start) => beginning(begun("identifiers", identifiers, start, readKnown), start).flatMap(([, found]) => found),
      withdrawn: (key) => (withdrawn.length ? exact(only("withdrawn", withdrawn, key, readKnown), key) : null) ?? [],
      isMissing: cache.isMissing,
      requireAll: cache.requireAll,
    };
  };

  return {
    search,
    cardsInFile: () => manifest().cards,
    // For each entry the number of its set of values, for a facet with few values.
    column: (key, isOptional) => of(readColumn, `facet-${key}`, isOptional),
    ranks: (sort) => of(readOrder, `order-${sort}`),
    // The entries that have a value which the page shows.
    havingShown: (key, slug, isOptional) => of(readShown, `values-${key}/shown`, isOptional)?.get(slug),
    // The value with a slug, for a facet with many values: [number, slug, label, entries]; null if there is none.
    value: (key, slug) => {
      const word = slug.split("-")[0];
      return exact(only(`values-${key}`, manifest().wide[key], word, readRuns), word)?.find((each) => each[1] === slug) ?? null;
    },
    // The values that contain a word, or a word that begins with it.
    valuesBy: (key, word, begins) => {
      const keys = manifest().wide[key];
      if (!begins) return exact(only(`values-${key}`, keys, word, readRuns), word) ?? [];
      return beginning(begun(`values-${key}`, keys, word, readRuns), word).flatMap(([, found]) => found);
    },
  };
};
