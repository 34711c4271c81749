// Filters, counts and orders: OR within a facet, AND across facets. Pure.
// An entry is { slug, place, name, date, sure, unsure }: for each facet the numbers of its values, and of those it may have.

// { shown: the entries that fit, counts: for each facet, how many entries each value would leave or add }.
// `found` is a Map or Set of slugs, null for all; `chosen` has the numbers of the chosen values for each facet, `sizes`
// how many values there are. One pass: an entry that fails in one facet only counts in that one.
export const survey = (entries, found, chosen, maybe, sizes) => {
  const counts = sizes.map((size) => new Uint32Array(size));
  const shown = [];
  const active = chosen.flatMap((values, facet) => (values.length ? [facet] : []));
  const add = (entry, facet) => {
    const tally = counts[facet];
    const sure = entry.sure[facet];
    for (const value of sure) tally[value] += 1;
    if (maybe) for (const value of entry.unsure[facet]) if (!sure.includes(value)) tally[value] += 1;
  };
  const fits = (entry, facet) => {
    for (const value of chosen[facet]) {
      if (entry.sure[facet].includes(value) || (maybe && entry.unsure[facet].includes(value))) return true;
    }
    return false;
  };
  for (const entry of entries) {
    if (found !== null && !found.has(entry.slug)) continue;
    let failed = -1;
    let failures = 0;
    for (const facet of active) {
      if (!fits(entry, facet)) {
        failed = facet;
        failures += 1;
        if (failures > 1) break;
      }
    }
    if (failures === 0) {
      shown.push(entry);
      for (let facet = 0; facet < sizes.length; facet += 1) add(entry, facet);
    } else if (failures === 1) add(entry, failed);
  }
  return { shown, counts };
};

// For each chosen value, how many entries there would be without it: [facet, value, count], the greatest gain first.
export const gains = (entries, found, chosen, maybe, sizes) =>
  chosen
    .flatMap((values, facet) =>
      values.map((value) => {
        const rest = chosen.map((other, number) => (number === facet ? other.filter((each) => each !== value) : other));
        return [facet, value, survey(entries, found, rest, maybe, sizes).shown.length];
      }),
    )
    .sort((a, b) => b[2] - a[2]);

const byText = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const KEYS = {
  relevance: (entry, order) => order?.get(entry.slug) ?? null,
  newest: (entry) => entry.date,
  name: (entry) => entry.name,
};

// The entries in a total order, whatever is chosen. `order` has the ranks where words were typed, `better` compares two.
export const sorted = (entries, sort, order, better) => {
  const keyed = entries.map((entry) => [KEYS[sort](entry, order), entry]);
  const compare = {
    relevance: (a, b) => (order ? better(a, b) : 0),
    newest: (a, b) => byText(b, a),
    name: byText,
  }[sort];
  return keyed.sort((a, b) => compare(a[0], b[0]) || a[1].place - b[1].place).map(([, entry]) => entry);
};
