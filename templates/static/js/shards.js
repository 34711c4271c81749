// The index of a large catalogue, read from the files of catalogue/outputs/shards.py: what is asked for and is not there is
// noted on the shelf as lacking. The same functions as in whole_index.js.

import { changing, firstFrom, levels, numbers, raised, runOf, words } from "./packed.js";
import { IndexFailure, json } from "./parts.js";
import { bit } from "./postings.js";

const isBefore = (one, other) => (one < other ? -1 : one > other ? 1 : 0);

// A part of the shelf: the file as `read` gives it, with about how many bytes that takes.
const part = (read) => async (address, again) => {
  const { data, length } = await json(address, again);
  try {
    return read(data, length);
  } catch {
    throw new IndexFailure("cut");
  }
};

const readTerms = (name, alias) => (data) => {
  const terms = words(data.terms);
  const counts = numbers(data.counts);
  const places = numbers(data.places);
  const fields = numbers(data.fields);
  const masks = new Uint16Array(fields.length);
  for (let at = 0; at < fields.length; at += 1) masks[at] = data.masks[fields[at]];
  const weights = levels(data.weights);
  const spots = numbers(data.spots);
  const starts = new Uint32Array(terms.length + 1);
  const spotted = new Uint32Array(terms.length + 1);
  let spot = 0;
  counts.forEach((count, at) => {
    starts[at + 1] = starts[at] + count;
    raised(places, starts[at], starts[at + 1]);
    for (let slot = starts[at]; slot < starts[at + 1]; slot += 1) {
      spot += (masks[slot] & name ? 1 : 0) + (masks[slot] & alias ? 1 : 0);
    }
    spotted[at + 1] = spot;
  });
  if (starts.at(-1) !== places.length || places.length !== weights.length || spot !== spots.length) throw new RangeError();
  const made = [];
  const posting = (at) => {
    const [start, end] = [starts[at], starts[at + 1]];
    const found = {
      term: terms[at],
      places: places.subarray(start, end),
      masks: masks.subarray(start, end),
      levels: weights.subarray(start, end),
      own: null,
      other: null,
      fields: 0,
    };
    let next = spotted[at];
    const note = (which, slot) => {
      if (spots[next]) {
        found[which] ??= new Uint32Array(end - start);
        found[which][slot] = spots[next];
      }
      next += 1;
    };
    found.masks.forEach((mask, slot) => {
      found.fields |= mask;
      if (mask & name) note("own", slot);
      if (mask & alias) note("other", slot);
    });
    return found;
  };
  return { value: { terms, posting: (at) => (made[at] ??= posting(at)) }, weight: 7 * places.length + 300 * terms.length };
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
const readShown = ({ values }, length) => ({ value: new Map(values.map(([, slug, , where]) => [slug, raised(numbers(where))])), weight: 4 * length });
const readOrder = ({ ranks }, length) => ({ value: changing(ranks), weight: 4 * length });

// All that can be asked of the files of one build. `address` is that of the manifest.
export const divided = (shelf, address) => {
  const folder = address.replace(/\.json$/u, "/");
  const of = (read, path, isWish) => shelf.get(path, (again) => part(read)(path ? `${folder}${path}.json` : address, again), isWish);
  // Without the manifest nothing else can be asked for. With it all that lacks is asked for together.
  const manifest = () => {
    const found = of(readManifest, "");
    if (!found) shelf.settle();
    return found;
  };
  // The runs in which keys are that begin with `start`, of those that are there.
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
    const { total, fields, synonyms, answers, terms, near, tails, identifiers } = manifest();
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
      lacking: shelf.lacking,
      settle: shelf.settle,
    };
  };

  return {
    search,
    cardsInFile: () => manifest().cards,
    // For each entry the number of a set of values, of a facet that has few.
    column: (key, isWish) => of(readColumn, `facet-${key}`, isWish),
    ranks: (sort) => of(readOrder, `order-${sort}`),
    // The places of entries that have a value which the page shows.
    havingShown: (key, slug, isWish) => of(readShown, `values-${key}/shown`, isWish)?.get(slug),
    // The value at an address name, of a facet that has many: [number, slug, label, places]; null where there is none.
    value: (key, slug) => {
      const word = slug.split("-")[0];
      return exact(only(`values-${key}`, manifest().wide[key], word, readRuns), word)?.find((each) => each[1] === slug) ?? null;
    },
    // The values that have a word, or one that begins with it.
    valuesBy: (key, word, begins) => {
      const keys = manifest().wide[key];
      if (!begins) return exact(only(`values-${key}`, keys, word, readRuns), word) ?? [];
      return beginning(begun(`values-${key}`, keys, word, readRuns), word).flatMap(([, found]) => found);
    },
  };
};
