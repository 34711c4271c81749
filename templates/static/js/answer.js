// From what the reader asks for to what is shown. No element is changed here.

import { visibleChoices } from "./facet_panel.js";
import { gains, sorted, survey } from "./narrow.js";
import { nearestNames } from "./near.js";
import { alone, rank, withdrawn } from "./rank.js";
import { SORTS, chosenValues } from "./state.js";
import { PREFIX_FROM, parts } from "./words.js";

const SHOWN_FIRST = 6; // a screenful, in the frame of the key
export const SHOWN_AT_ONCE = 50; // and a button brings more
const PENDING = "…";

// Answers of `source`, the list with its search. `facets` say what the page says of facets, `facilities` which ones there are
// ({ name, words, href } each), `pageAt` gives the address of a page by its path.
export const answers = ({ source, facets, facilities, pageAt }) => {
  // Whether nothing is asked for, and the list is shown as it came.
  const isUntouched = (state) =>
    source.total > 0 && !state.q.trim() && !state.maybe && state.sort === SORTS[0] && chosenValues(state).length === 0;

  let last = { q: null, ranked: null }; // kept for when the work is done again, with its cards and its counts
  const rankedBy = (q) => {
    if (last.q !== q) last = { q, ranked: rank(source.search(), q) };
    return last.ranked;
  };

  // The chosen values by their ids, for each facet.
  const chosenIds = ({ chosen }) =>
    facets.map(({ key, isWide, known }) => [...chosen.get(key)].map((value) => (isWide ? value : known.get(value).id)));

  // The pages of this site that are no entries and are what was typed, { text, href } each: facilities of that name; where no
  // entry has the words, of a name that has them, or begins or goes on with them, and entries that were withdrawn.
  const elsewhere = (q, ranked) => {
    if (ranked === null) return [];
    const typed = parts(q);
    const joined = typed.join("");
    const isMissed = ranked.order.places.length === 0 || ranked.similar;
    const isWord = (word, own) => own === word || (word.length >= PREFIX_FROM && own.startsWith(word));
    const isNamed = ({ words }) =>
      joined === words.join("") ||
      (isMissed && (joined.startsWith(words.join("")) || typed.every((word) => words.some((own) => isWord(word, own)))));
    const gone = isMissed ? withdrawn(source.search(), q) : [];
    return [
      ...gone.map(([slug, name]) => ({ text: `${name}, which was withdrawn: it says why`, href: pageAt(`software/${slug}/`) })),
      ...facilities.filter(isNamed).map(({ name, href }) => ({ text: `the facility ${name}`, href })),
    ];
  };

  // What can be done where the answer is empty.
  const nothingFound = (state, found, columns, ranked) => {
    const hidden = found === null || found.length > 0; // there is something, and the filters hide it
    const asked = state.q.trim();
    const several = chosenValues(state).length > 1;
    const gained = several ? gains(source.total, found, columns, chosenIds(state), state.maybe) : [];
    return {
      hidden,
      total: found ? found.length : source.total,
      drops: gained.filter(([, , count]) => count > 0),
      each: ranked ? alone(source.search(), asked) : [],
      near: ranked && !hidden ? nearestNames(source.search(), asked).map(source.entry) : [],
    };
  };

  // The list as it came, of a large catalogue its first part.
  const untouched = (limit, matching = facets.map(() => null)) => ({
    ranked: null,
    page: source.isFar ? source.standing : source.standing.slice(0, limit),
    others: [],
    count: source.isFar ? null : source.total,
    counted: (number, id) => (facets[number].isWide ? facets[number].known.get(id) : facets[number].choices[id]).total,
    matching,
    nothing: null,
    elsewhere: [],
  });

  return {
    isUntouched,
    untouched,
    // All that is shown of a state, of whose entries `limit` are shown: { ranked: null where the list is not that of a query,
    // page: the first entries, others: the places of those that follow, count: how many there are (null where that is not
    // known), counted: of a facet and a value the count as text, matching: the suggestions of each facet as they were given,
    // nothing: what can be done where the answer is empty, else null, elsewhere: other pages }. `isCounted` says of a facet
    // whether somebody sees its counts; `searched` is false where the words are left aside. Throws Lacking where files of the
    // search have to come first.
    compose: (state, { limit, matching, isCounted, searched }) => {
      if (isUntouched(state)) {
        source.parts.settle();
        return untouched(limit, matching);
      }
      const isChosen = (number) => state.chosen.get(facets[number].key).size > 0;
      const columns = source.facets(isChosen, (number) => isCounted(facets[number]));
      const orders = source.ranks(state.sort);
      const choicesOf = (facet, number) => visibleChoices(facet, matching[number], state.chosen.get(facet.key));
      const asked = facets.flatMap((facet, number) => (isCounted(facet) ? [[number, choicesOf(facet, number)]] : []));
      // All that is needed is asked for together.
      for (const [number, choices] of asked) for (const { id } of choices) columns[number].having?.(id, true);
      const chosen = chosenIds(state);
      for (const [number, ids] of chosen.entries()) for (const id of ids) columns[number].having?.(id);
      const ranked = searched && state.q.trim() ? rankedBy(state.q) : null;
      source.parts.settle();
      const found = ranked?.order.places ?? null;
      const { shown, count } = survey(source.total, found, columns, chosen, state.maybe);
      const places = [...sorted(shown, orders ?? ranked?.order.ranks ?? null, limit)];
      const isThere = (number, id) => columns[number].sets || columns[number].having?.(id, true);
      const said = (number, id) => (isThere(number, id) ? String(count(number, id)) : PENDING);
      const counts = new Map(asked.flatMap(([number, choices]) => choices.map(({ id }) => [`${number} ${id}`, said(number, id)])));
      const first = limit > SHOWN_AT_ONCE ? limit : SHOWN_FIRST; // a list that grows must not be short meanwhile
      const page = places.slice(0, first).map(source.entry);
      const nothing = shown.length ? null : nothingFound(state, found, columns, ranked);
      const pages = elsewhere(state.q, ranked);
      source.parts.settle();
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
