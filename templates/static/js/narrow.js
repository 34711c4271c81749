// Filters, counts and orders: OR within a facet, AND across facets. Pure.
//
// A facet with few values is { sets, column, size }: the sets of values that occur, each as [values an entry has, values it may
// have], for each entry the number of its set, and the number of values. A facet with many values is { having }: a function from a
// value to the places of the entries that have it.

const SHOWN = 1; // the entry passes all facets; if it fails exactly one, its state is FAILED + the number of that facet
const FAILED = 2;

const fits = (facet, chosen, maybe, size) => {
  const found = new Uint8Array(facet.sets ? facet.sets.length : size);
  if (facet.sets) {
    facet.sets.forEach(([sure, unsure], number) => {
      if (chosen.some((value) => sure.includes(value) || (maybe && unsure.includes(value)))) found[number] = 1;
    });
    return (place) => found[facet.column[place]];
  }
  for (const value of chosen) for (const place of facet.having(value) ?? []) found[place] = 1;
  return (place) => found[place];
};

// { shown: the places of the entries that pass, count: a function of a facet and a value, how many there would be }. `found` are
// the places that a query has found, null for all; `chosen` are the chosen values of each facet. An entry that fails exactly one
// facet counts in that one.
export const survey = (size, found, facets, chosen, maybe) => {
  const state = new Uint8Array(size);
  const total = found ? found.length : size;
  const shown = new Uint32Array(total);
  let count = 0;
  const active = chosen.flatMap((values, facet) => (values.length ? [[facet, fits(facets[facet], values, maybe, size)]] : []));
  for (let at = 0; at < total; at += 1) {
    const place = found ? found[at] : at;
    let failed = -1;
    let failures = 0;
    for (const [facet, fit] of active) {
      if (!fit(place)) {
        failed = facet;
        failures += 1;
        if (failures > 1) break;
      }
    }
    if (failures === 0) {
      state[place] = SHOWN;
      shown[count] = place;
      count += 1;
    } else if (failures === 1) state[place] = FAILED + failed;
  }
  const counts = new Map();
  const counted = (number) => {
    const { sets, column, size: values } = facets[number];
    const tally = new Uint32Array(sets.length);
    for (let place = 0; place < size; place += 1) {
      if (state[place] === SHOWN || state[place] === FAILED + number) tally[column[place]] += 1;
    }
    const sums = new Uint32Array(values);
    sets.forEach(([sure, unsure], set) => {
      if (tally[set] === 0) return;
      for (const value of sure) sums[value] += tally[set];
      if (maybe) for (const value of unsure) if (!sure.includes(value)) sums[value] += tally[set];
    });
    return sums;
  };
  return {
    shown: shown.subarray(0, count),
    count: (number, value) => {
      if (!facets[number].sets) {
        let sum = 0;
        for (const place of facets[number].having(value) ?? []) {
          if (state[place] === SHOWN || state[place] === FAILED + number) sum += 1;
        }
        return sum;
      }
      if (!counts.has(number)) counts.set(number, counted(number));
      return counts.get(number)[value];
    },
  };
};

// For each chosen value, how many entries there would be without it: [facet, value, count], largest first.
export const gains = (size, found, facets, chosen, maybe) =>
  chosen
    .flatMap((values, facet) =>
      values.map((value) => {
        const rest = chosen.map((other, number) => (number === facet ? other.filter((each) => each !== value) : other));
        return [facet, value, survey(size, found, facets, rest, maybe).shown.length];
      }),
    )
    .sort((a, b) => b[2] - a[2]);

const PLACES = 2 ** 22; // more than any catalogue has; a rank times this is still an exact integer

// The first `most` of these places by rank, equal ones in the order of the list; without ranks all in that order.
export const sorted = (places, ranks, most) => {
  if (ranks === null) return places.subarray(0, most);
  const keys = new Float64Array(places.length);
  for (let at = 0; at < keys.length; at += 1) keys[at] = ranks[places[at]] * PLACES + places[at];
  keys.sort();
  return Uint32Array.from(keys.subarray(0, most), (key) => key % PLACES);
};
