// Filters and counts: OR within a facet, AND across facets. Pure; an entry is { slug, facets: Map of facet to Set }.

import { FACETS } from "./state.js";

const fits = (entry, facet, values) => values.size === 0 || [...values].some((value) => entry.facets.get(facet).has(value));

export const narrow = (entries, found, chosen) =>
  entries.filter(
    (entry) => (found === null || found.has(entry.slug)) && FACETS.every((facet) => fits(entry, facet, chosen.get(facet))),
  );

// How many entries each value would leave, given the words and the other facets.
export const counts = (entries, found, chosen) => {
  const tally = new Map(FACETS.map((facet) => [facet, new Map()]));
  for (const facet of FACETS) {
    const others = new Map([...chosen, [facet, new Set()]]);
    for (const entry of narrow(entries, found, others)) {
      for (const value of entry.facets.get(facet)) {
        tally.get(facet).set(value, (tally.get(facet).get(value) ?? 0) + 1);
      }
    }
  }
  return tally;
};
