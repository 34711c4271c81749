// Filters, counts and orders: OR within a facet, AND across facets. Pure.
// An entry is { slug, place, name, date, facets: Map of facet to values, maybe: Map of facet to values that may be }.

const NONE = [];

const values = (entry, facet, maybe) => {
  const sure = entry.facets.get(facet) ?? NONE;
  const unsure = maybe ? (entry.maybe.get(facet) ?? NONE) : NONE;
  return unsure.length ? [...new Set([...sure, ...unsure])] : sure;
};

// { shown: the entries that fit, counts: for each facet, how many entries each value would leave or add }.
// `found` is a Map or Set of slugs, null for all. One pass: an entry that fails in one facet only counts there.
export const survey = (entries, found, { chosen, maybe = false }, facets) => {
  const counts = new Map(facets.map((facet) => [facet, new Map()]));
  const shown = [];
  const add = (facet, entry) => {
    const tally = counts.get(facet);
    for (const value of values(entry, facet, maybe)) tally.set(value, (tally.get(value) ?? 0) + 1);
  };
  const active = facets.filter((facet) => chosen.get(facet)?.size > 0);
  for (const entry of entries) {
    if (found !== null && !found.has(entry.slug)) continue;
    let failed = null;
    let failures = 0;
    for (const facet of active) {
      const wanted = chosen.get(facet);
      if (!values(entry, facet, maybe).some((value) => wanted.has(value))) {
        failed = facet;
        failures += 1;
        if (failures > 1) break;
      }
    }
    if (failures === 0) {
      shown.push(entry);
      for (const facet of facets) add(facet, entry);
    } else if (failures === 1) add(failed, entry);
  }
  return { shown, counts };
};

// For each chosen value, how many entries there would be without it: [facet, value, count], the greatest gain first.
export const gains = (entries, found, state, facets) =>
  facets
    .flatMap((facet) =>
      [...(state.chosen.get(facet) ?? NONE)].map((value) => {
        const rest = new Set(state.chosen.get(facet));
        rest.delete(value);
        const chosen = new Map([...state.chosen, [facet, rest]]);
        return [facet, value, survey(entries, found, { ...state, chosen }, facets).shown.length];
      }),
    )
    .sort((a, b) => b[2] - a[2]);

const byText = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

// How two entries are ordered: a total order, whatever is chosen. `compare` gets their ranks where words were typed.
export const sorter = (sort, order, compare) => (a, b) => {
  const first = {
    newest: () => byText(b.date, a.date),
    name: () => byText(a.name, b.name),
    relevance: () => (order ? compare(order.get(a.slug), order.get(b.slug)) : 0),
  }[sort]();
  return first || a.place - b.place;
};
