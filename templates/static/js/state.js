// What the reader asked for <-> the address. Pure.

export const FACETS = ["interface", "facility", "platform", "licence"];

export const read = (search) => {
  const parameters = new URLSearchParams(search);
  return {
    q: (parameters.get("q") ?? "").slice(0, 500),
    chosen: new Map(FACETS.map((facet) => [facet, new Set(parameters.getAll(facet))])),
  };
};

export const write = ({ q, chosen }) => {
  const parameters = new URLSearchParams();
  if (q.trim()) parameters.set("q", q);
  for (const facet of FACETS) {
    for (const value of [...(chosen.get(facet) ?? [])].sort()) parameters.append(facet, value);
  }
  const text = parameters.toString();
  return text ? `?${text}` : "";
};
