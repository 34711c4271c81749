// The state of the front page (query, filters, order) <-> the query string of its URL. Pure.

export const SORTS = ["relevance", "newest", "name"];
const LETTERS_AT_MOST = 500;
const VALUES_AT_MOST = 100; // per facet: a URL can have 100,000, each of which costs a pass through all entries

export const empty = (facets) => ({ q: "", chosen: new Map(facets.map((facet) => [facet, new Set()])), maybe: false, sort: SORTS[0] });

// `facets` are the keys of the facets that the page has.
export const read = (search, facets) => {
  const parameters = new URLSearchParams(search);
  const sort = parameters.get("sort");
  return {
    q: (parameters.get("q") ?? "").slice(0, LETTERS_AT_MOST),
    chosen: new Map(facets.map((facet) => [facet, new Set(parameters.getAll(facet).filter(Boolean).slice(0, VALUES_AT_MOST))])),
    maybe: parameters.get("maybe") === "1",
    sort: SORTS.includes(sort) ? sort : SORTS[0],
  };
};

export const write = ({ q, chosen, maybe, sort }) => {
  const parameters = new URLSearchParams();
  if (q.trim()) parameters.set("q", q.slice(0, LETTERS_AT_MOST));
  for (const [facet, values] of chosen) {
    for (const value of [...values].sort()) parameters.append(facet, value);
  }
  if (maybe) parameters.set("maybe", "1");
  if (sort !== SORTS[0]) parameters.set("sort", sort);
  const text = parameters.toString();
  return text ? `?${text}` : "";
};

// The state with one value of a facet added or removed.
export const toggled = (state, facet, value, on) => {
  const values = new Set(state.chosen.get(facet));
  if (on) values.add(value);
  else values.delete(value);
  return { ...state, chosen: new Map([...state.chosen, [facet, values]]) };
};

export const chosenValues = ({ chosen }) => [...chosen].flatMap(([facet, values]) => [...values].map((value) => [facet, value]));
