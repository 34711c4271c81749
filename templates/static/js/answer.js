// From the state of the front page to the view of it. Changes no element.

import { visibleChoices } from "./facet_panel.js";
import { gains, sorted, survey } from "./narrow.js";
import { nearestNames } from "./near.js";
import { partly, rank, withdrawn } from "./rank.js";
import { SORTS, chosenValues, empty, toggled } from "./state.js";
import { canBegin, parts } from "./words.js";

const SHOWN_FIRST = 6; // a screenful, shown in the frame of the keystroke
export const SHOWN_AT_ONCE = 50; // a button shows more
const PENDING = "…";

// Answers from `source`, the list with its search. `facets` are those of the page (see facet_panel.js), `facilities` are
// { slug, name, words, href } each, `pageAt` returns the URL path of a page.
export const answers = ({ source, facets, facilities, pageAt }) => {
  // Whether there is neither query nor filter nor another order.
  const isUntouched = (state) =>
    source.total > 0 && !state.q.trim() && !state.maybe && state.sort === SORTS[0] && chosenValues(state).length === 0;

  let last = { q: null, ranked: null }; // the last query's: it is answered again when its cards or counts have arrived
  const rankedBy = (q) => {
    if (last.q !== q) last = { q, ranked: rank(source.search(), q) };
    return last.ranked;
  };

  // For each facet the ids of the chosen values.
  const chosenIds = ({ chosen }) =>
    facets.map(({ key, isWide, known }) => [...chosen.get(key)].map((value) => (isWide ? value : known.get(value).id)));

  const keys = facets.map(({ key }) => key);
  // The state with one filter and nothing else, and how many entries it shows; null if that is none.
  const onlyWith = (state, { key, known }, value) => {
    const count = Number(known.get(value)?.total ?? 0);
    return count ? { count, next: toggled({ ...empty(keys), sort: state.sort }, key, value, true) } : null;
  };

  // Other pages of this site that match the query, { text, href } each: facilities whose name is the query or begins with it, in
  // whole words; and, if no entry matches exactly, facilities with all words of the query or whose name it begins with, and
  // withdrawn entries. Those of facilities have `launching`, the state with what launches there and its number of entries, or null.
  const elsewhere = (state, ranked) => {
    if (ranked === null) return [];
    const { q } = state;
    const typed = parts(q);
    const joined = typed.join("");
    const isMissed = ranked.order.places.length === 0 || ranked.similar;
    const isWord = (word, own) => own === word || (canBegin(word) && own.startsWith(word));
    const isNamed = ({ words }) =>
      joined === words.join("") ||
      (typed.length > 0 && typed.every((word, number) => word === words[number])) ||
      (isMissed && (joined.startsWith(words.join("")) || typed.every((word) => words.some((own) => isWord(word, own)))));
    const gone = isMissed ? withdrawn(source.search(), q) : [];
    return [
      ...gone.map(([slug, name]) => ({ text: `${name}, which was withdrawn (the page says why)`, href: pageAt(`software/${slug}/`) })),
      ...facilities.filter(isNamed).map(({ slug, name, href }) => ({
        text: `the facility ${name}`,
        href,
        launching: onlyWith(state, facets[keys.indexOf("facility")], slug),
      })),
    ];
  };

  // The filters that a text like `licence:MIT` means, if it is one: [facet, choice] each.
  const written = (text) => {
    const [key, ...rest] = text.split(":").map((each) => parts(each).join(" "));
    const value = rest.join(" ");
    return facets
      .filter((facet) => value && [facet.key, facet.name].some((name) => parts(name).join(" ") === key))
      .flatMap((facet) => facet.choices.filter(({ text }) => parts(text).join(" ") === value).map((choice) => [facet, choice]));
  };

  // Queries with fewer of the words that show something with these filters.
  const withFewerWords = (state, columns, ids) => {
    const shownOf = (found) => survey(source.total, found, columns, ids, state.maybe).shown;
    return partly(source.search(), state.q, shownOf(null))
      .map(({ query, left }) => {
        const { order, similar } = rank(source.search(), query);
        return { next: { ...state, q: query }, left, similar, count: shownOf(order.places).length };
      })
      .filter(({ count }) => count > 0);
  };

  // What the reader can do about an empty answer: `ways`, states that show something, each with their number of entries as `count`
  // and how they differ: by `left` words and `dropped` filters, [key, value] each, or by `filtered`, the only filter they have.
  const nothingFound = (state, found, columns, ranked) => {
    const hidden = found === null || found.length > 0; // by the filters
    const filters = chosenValues(state);
    const unfiltered = { ...empty(keys), q: state.q, sort: state.sort };
    const ids = chosenIds(state);
    const drops = filters.length > 1 ? gains(source.total, found, columns, ids, state.maybe).filter(([, , count]) => count > 0) : [];
    const fewer = ranked ? withFewerWords(state, columns, ids) : [];
    const isAnyway = ranked && filters.length > 0 && !hidden && fewer.length === 0;
    const ways = [
      ...written(state.q).flatMap(([facet, { value }]) => {
        const way = onlyWith(state, facet, value);
        return way ? [{ ...way, filtered: [facet.key, value] }] : [];
      }),
      ...drops.map(([number, id, count]) => {
        const { key, isWide, choices } = facets[number];
        const value = isWide ? id : choices[id].value;
        return { count, next: toggled(state, key, value, false), dropped: [[key, value]] };
      }),
      ...(filters.length && hidden ? [{ count: found ? found.length : source.total, next: unfiltered, dropped: filters }] : []),
      ...fewer,
      ...(isAnyway ? withFewerWords(unfiltered, columns, chosenIds(unfiltered)).map((way) => ({ ...way, dropped: filters })) : []),
    ];
    return { hidden, ways, near: ranked && !hidden ? nearestNames(source.search(), state.q.trim()).map(source.entry) : [] };
  };

  // The list as it was loaded; of a large catalogue the first part.
  const untouched = (limit, matching = facets.map(() => null)) => ({
    ranked: null,
    page: source.isRemote ? source.standing : source.standing.slice(0, limit),
    others: [],
    count: source.isRemote ? null : source.total,
    counted: (number, id) => (facets[number].isWide ? facets[number].known.get(id) : facets[number].choices[id]).total,
    matching,
    nothing: null,
    elsewhere: [],
  });

  return {
    isUntouched,
    untouched,
    // The view of a state: {
    //   ranked: what `rank` returned, null without a query,
    //   page, others: the first entries, and the places of the following ones, `limit` in all,
    //   count: the number of entries, null if it is not known,
    //   counted: a function of a facet and a value, the count as text, null if it is not visible,
    //   matching: the suggestions of each facet, as given,
    //   nothing: what can be done about an empty answer, else null,
    //   elsewhere: other pages that match }.
    // `isCounted` says whether the counts of a facet are needed. If `searched` is false, the query is ignored. Throws MissingParts
    // if files of the search have to be fetched first.
    compose: (state, { limit, matching, isCounted, searched }) => {
      if (isUntouched(state)) {
        source.parts.requireAll();
        return untouched(limit, matching);
      }
      const isChosen = (number) => state.chosen.get(facets[number].key).size > 0;
      const columns = source.facets(isChosen, (number) => isCounted(facets[number]));
      const orders = source.ranks(state.sort);
      const choicesOf = (facet, number) => visibleChoices(facet, matching[number], state.chosen.get(facet.key));
      const asked = facets.flatMap((facet, number) => (isCounted(facet) ? [[number, choicesOf(facet, number)]] : []));
      // Everything that is needed is requested together.
      for (const [number, choices] of asked) for (const { id } of choices) columns[number].having?.(id, true);
      const chosen = chosenIds(state);
      for (const [number, ids] of chosen.entries()) for (const id of ids) columns[number].having?.(id);
      const ranked = searched && state.q.trim() ? rankedBy(state.q) : null;
      source.parts.requireAll();
      const found = ranked?.order.places ?? null;
      const { shown, count } = survey(source.total, found, columns, chosen, state.maybe);
      const places = [...sorted(shown, orders ?? ranked?.order.ranks ?? null, limit)];
      const isThere = (number, id) => columns[number].sets || columns[number].having?.(id, true);
      const said = (number, id) => (isThere(number, id) ? String(count(number, id)) : PENDING);
      const counts = new Map(asked.flatMap(([number, choices]) => choices.map(({ id }) => [`${number} ${id}`, said(number, id)])));
      const first = limit > SHOWN_AT_ONCE ? limit : SHOWN_FIRST; // a list that grows must not shrink first
      const page = places.slice(0, first).map(source.entry);
      const nothing = shown.length ? null : nothingFound(state, found, columns, ranked);
      const pages = elsewhere(state, ranked);
      source.parts.requireAll();
      return {
        ranked,
        page,
        others: places.slice(first),
        count: shown.length,
        counted: (number, id) => counts.get(`${number} ${id}`) ?? null,
        matching,
        nothing,
        elsewhere: pages,
      };
    },
  };
};
