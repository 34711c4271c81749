// The front page: a query and filters narrow and sort the list. Cards are only moved, hidden and marked; foreign text only becomes
// text nodes. This module keeps the state and handles events; answer.js turns the state into a view; result_list.js,
// facet_panel.js and notes.js show it. `source` is the list with its search: local_list.js, which has all of it in the page, or
// remote_list.js, which fetches what is needed.

import { SHOWN_AT_ONCE, answers } from "./answer.js";
import { by, spelt } from "./dom.js";
import { adopt, readFacets, showFacets, suggestions, visibleChoices } from "./facet_panel.js";
import { remoteList } from "./remote_list.js";
import { localList } from "./local_list.js";
import {
  fillWish,
  inPlace,
  plural,
  quoted,
  shortened,
  showChips,
  showElsewhere,
  showFailure,
  showMissingCounts,
  showMissingList,
  showNothing,
} from "./notes.js";
import { IndexFailure, MissingParts, withParts } from "./parts.js";
import { WORDS_AT_MOST } from "./rank.js";
import { certain, resultList } from "./result_list.js";
import { keepChoices } from "./started.js";
import { SORTS, chosenValues, empty, read, toggled, write } from "./state.js";
import { restorePosition, whereabouts } from "./whereabouts.js";
import { whole } from "./whole.js";
import { parts } from "./words.js";

const ANNOUNCE_AFTER = 400; // ms without a keystroke, after which the count is announced
const LOADING_AFTER = 400; // ms after which the page says that the index is being loaded
const LEFT_AT_MOST = 40; // letters of words that a link leaves out
const WRITE_URL_AFTER = 250; // ms after the last change; to write it takes a browser as long as the whole search

const form = by("search");
form.dataset.started = ""; // for started.js: all modules have been loaded
const box = by("q");
const filters = by("filters");
const list = by("cards");
const title = document.title;
const everything = by("count").textContent;

if (list.dataset.more) {
  const say = (text) => {
    by("count").textContent = text;
    by("status").textContent = text;
  };
  try {
    await whole({ list, total: Number(form.dataset.total), form, filters, sort: by("sort"), say });
  } catch (error) {
    say(everything);
    by("reload").addEventListener("click", keepChoices);
    showMissingList();
    throw error;
  }
  by("count").textContent = everything;
}

keepChoices();

// ---- what is in the page

const facets = readFacets(filters);
const keys = facets.map((facet) => facet.key);
const facetOf = new Map(facets.map((facet) => [facet.key, facet]));
const panel = filters.closest("details");
const pageAt = (path) => new URL(path, document.baseURI).pathname;
// Facilities are not searched, but whoever types the name of one gets a link to its page.
const facilities = [...document.querySelectorAll("#place option[data-name]")]
  .map(({ value, dataset: { name } }) => ({
    slug: value,
    name,
    words: parts(name),
    href: pageAt(`facilities/${value}/`),
  }))
  .filter(({ words }) => words.length > 0);

const index = pageAt(form.dataset.index);
const source = form.dataset.cards
  ? remoteList(list, index, pageAt(form.dataset.cards), Number(form.dataset.total), facets)
  : localList(list, index, facets);
const pager = document.querySelector(".pager");

// ---- state

let state = read(location.search, keys);
let limit = SHOWN_AT_ONCE;
let meant = null; // the entry that Enter opens
let turn = 0;
let failure = null; // why the last query has no answer
let isAsItCame = true;

const isChosen = (facet) => state.chosen.get(facet.key).size > 0;
// In a large catalogue a facet is counted only if it is visible or used.
const isCounted = (facet) => !source.isRemote || (facet.element.open && panel.open) || isChosen(facet);

const fail = (kind) => {
  failure = kind;
  showFailure(kind);
};
const answer = answers({ source, facets, facilities, pageAt });
const results = resultList({
  list,
  source,
  facets,
  shown: () => source.isRemote && document.dispatchEvent(new Event("shown")),
  failed: fail,
});

// The view of the state; see answer.js. If `searched` is false, the query is ignored.
const composed = (searched = true) => {
  const matching = facets.map((facet) => suggestions(facet, source));
  return answer.compose(state, { limit, matching, isCounted, searched });
};
// The view without the query, from the files that are there.
const withoutWords = () => {
  source.parts.begin();
  try {
    return composed(false);
  } catch (error) {
    if (!(error instanceof MissingParts)) throw error;
    return answer.untouched(limit);
  }
};

// ---- view

let announced = 0;
// Says it in the line above the list, and, when the reader pauses, to a screen reader, with `more`.
const announce = (text, more = "") => {
  by("count").textContent = text;
  clearTimeout(announced);
  announced = setTimeout(() => {
    by("status").textContent = `${text}${more}`;
  }, ANNOUNCE_AFTER);
};

const showList = (view) => {
  meant = certain(view);
  results.show(view);
  const more = view.count - view.page.length - view.others.length;
  by("more").hidden = more <= 0;
  if (more > 0) by("more").textContent = `Show ${Math.min(SHOWN_AT_ONCE, more)} more of ${spelt(view.count)}`;
};

const showFilters = (view) => {
  showFacets(facets, state.chosen, view);
  if (by("maybe")) by("maybe").checked = state.maybe;
};

const choiceText = (key, value) => `${facetOf.get(key).name}: ${facetOf.get(key).known.get(value)?.text ?? value}`;
const dropped = (key, value) => () => choose(toggled(state, key, value, false));

// A link to another state of this page.
const step = (text, next) => ({ text, href: `${location.pathname}${write(next)}`, then: () => goTo(next) });
// A way out of an empty answer (see answer.js) in words: `1 entry without “pip install”`.
const wayText = ({ count, left = [], dropped: filtersLeft = [], filtered, similar }) => {
  if (filtered) return `${plural(count)} with ${choiceText(...filtered)}`;
  const isOne = filtersLeft.length === 1;
  const filtersText = isOne ? [`the filter ${choiceText(...filtersLeft[0])}`] : filtersLeft.length ? ["the filters"] : [];
  const without = [left.map((each) => quoted(each, LEFT_AT_MOST)).join(", "), ...filtersText].filter(Boolean).join(" and ");
  return `${plural(count)} without ${without}${similar ? ", by similar spelling" : ""}`;
};
const sayNothing = ({ hidden, ways, near }, chosen) => {
  const asked = state.q.trim();
  showNothing({ asked, hidden, steps: ways.map((way) => step(wayText(way), way.next)), near });
  fillWish(asked, chosen.map(([key, value]) => choiceText(key, value)));
};

// The line above the list.
const summary = ({ ranked, count }, chosen) => {
  const total = source.total;
  const asked = state.q.trim();
  const some = chosen.length && count !== null ? `${spelt(count)} of ${plural(total)}` : plural(total);
  if (failure && (asked || count === null)) return `${some}, not searched`;
  if (!asked) return chosen.length ? some : everything;
  if (ranked === null) return `${some}: ${quoted(asked)} has no letter or digit to search for`;
  const said = [`${spelt(count)} of ${plural(total)} for ${quoted(asked)}`];
  if (ranked.similar && count) said.push("by similar spelling");
  if (ranked.left.length && count) {
    const isIdentified = ranked.words.every(({ known }) => known);
    const identifiers = ranked.words.length === 1 ? "identifier" : "identifiers";
    said.push(isIdentified ? `by the ${identifiers} in it` : `without ${ranked.left.map((each) => quoted(each)).join(", ")}`);
  }
  if (ranked.words.length === WORDS_AT_MOST) said.push(`by its first ${WORDS_AT_MOST} words`);
  return said.join(", ");
};

const show = (view) => {
  const { nothing } = view;
  showList(view);
  if (pager) pager.hidden = view.page !== source.standing;
  showFilters(view);
  const chosen = chosenValues(state);
  showChips(chosen.map(([key, value]) => ({ text: choiceText(key, value), drop: dropped(key, value) })));
  by("sort").value = state.sort;
  by("nothing").hidden = nothing === null;
  if (nothing) sayNothing(nothing, chosen);
  const pages = view.elsewhere.map(({ text, href, launching: to }) => ({
    text,
    href,
    step: to && step(`${plural(to.count)} ${to.count === 1 ? "launches" : "launch"} there`, to.next),
  }));
  showElsewhere(pages, nothing !== null);
  by("show-results").textContent = `Show ${plural(view.count ?? source.total)}`;
  document.dispatchEvent(new Event("answered"));
  const asked = state.q.trim();
  document.title = asked ? `${shortened(asked)} · ${title}` : title;
  const [way] = nothing?.ways ?? [];
  const [other] = nothing ? pages : [];
  announce(summary(view, chosen), other ? `; there is a page about ${other.text}` : way ? `; ${wayText(way)}` : "");
};

// After a failure the list is filtered without the query, until the reader tries again.
const update = async (again = false) => {
  const mine = ++turn;
  const searched = failure === null || again || !state.q.trim();
  const late = setTimeout(() => mine === turn && announce("Loading the search index …"), LOADING_AFTER);
  try {
    let view = withParts(source.parts, () => composed(searched), () => mine === turn, again);
    if (view instanceof Promise) {
      list.setAttribute("aria-busy", "true");
      view = await view;
    }
    if (mine !== turn) return; // a later key has been pressed
    if (searched) fail(null);
    show(view);
    countLate(source.parts.optionalParts(), mine, searched, again);
  } catch (error) {
    if (mine !== turn) return;
    if (!(error instanceof IndexFailure)) throw error;
    fail(error.kind);
    show(withoutWords());
    countLate(source.parts.optionalParts(), mine, false, again);
  } finally {
    clearTimeout(late);
  }
};

// Adds the counts to an answer that was shown before the files they need had arrived.
const countLate = async (optional, mine, searched, again) => {
  filters.toggleAttribute("data-counting", optional.length > 0);
  if (optional.length === 0) return;
  try {
    await source.parts.fetchMissing(again, optional);
    if (mine !== turn) return;
    const view = await withParts(source.parts, () => composed(searched), () => mine === turn, again);
    if (mine === turn) showFilters(view);
  } catch (error) {
    if (!(error instanceof IndexFailure)) throw error;
    if (mine === turn && failure === null) showMissingCounts(error.kind);
  }
  if (mine === turn) filters.removeAttribute("data-counting");
};

// ---- events

let writing = 0;
const here = () => ({ ...whereabouts(list), limit });
const writeAddress = (how) => {
  clearTimeout(writing);
  history[how](here(), "", `${location.pathname}${write(state)}`);
};
const keep = () => writeAddress("replaceState");
// After scrolling only the position is saved; the URL stays.
let noting = 0;
const noteSoon = () => {
  clearTimeout(noting);
  noting = setTimeout(() => history.replaceState(here(), ""), WRITE_URL_AFTER);
};

// In a narrow window the style sheet hides what is between the field and the results while there is a query. The field moves to the
// top once, with the first letter, and does not move when it is emptied.
const isNarrow = matchMedia("(max-width: 56rem)");
const main = by("main");
const makeRoom = () => {
  const isAsked = Boolean(state.q.trim());
  if (isAsked === main.classList.contains("is-asked")) return;
  const isTyping = isNarrow.matches && document.activeElement === box;
  const before = isTyping && box.getBoundingClientRect().top;
  main.classList.toggle("is-asked", isAsked);
  if (!isTyping) return;
  if (isAsked) form.scrollIntoView();
  else scrollBy(0, box.getBoundingClientRect().top - before);
};

// Changes the state, as a step that Back can undo ("pushState") or not ("replaceState").
const settle = (next, how) => {
  if (how === "pushState") keep();
  state = next;
  makeRoom();
  limit = SHOWN_AT_ONCE;
  if (how === "pushState") writeAddress(how);
  else {
    clearTimeout(writing);
    writing = setTimeout(keep, WRITE_URL_AFTER);
  }
  return update();
};
// Scrolls to the answer. With the filters beside the list, a list that became short may be above the window. With the filters above
// it, the page must not move under the finger.
const seeAnswer = () => {
  const head = isNarrow.matches ? by("count") : by("count").closest(".results-head");
  const { top, bottom } = head.getBoundingClientRect();
  if (top < 0 || (!isNarrow.matches && bottom > innerHeight)) head.scrollIntoView();
};
const choose = async (next) => {
  await settle(next, "pushState");
  seeAnswer();
};
const unfilter = () => goTo({ ...state, chosen: empty(keys).chosen, maybe: false });
// Goes to another state. The focus goes to the field if that has other words now, else to the list.
const goTo = (next) => {
  if (next.q && next.q !== state.q) {
    box.value = next.q;
    box.focus();
    settle(next, "pushState");
    return;
  }
  box.value = next.q;
  choose(next);
  by("results-title").focus();
};

// Fetches what every query needs when the field gets the focus. For a large catalogue that is a small file, which is fetched as soon
// as the page is idle; the filters are read from the page then, too.
const prepare = () => {
  const needed = withParts(source.parts, source.prepare, () => true);
  if (needed instanceof Promise) needed.catch(() => {}); // reported when something is typed
};
const prepareAtLeisure = () => {
  prepare();
  for (const facet of facets) if (isCounted(facet)) visibleChoices(facet, null, state.chosen.get(facet.key));
};
box.addEventListener("focus", prepare, { once: true });
if (source.isRemote) addEventListener("load", () => globalThis.requestIdleCallback?.(prepareAtLeisure), { once: true });
box.addEventListener("input", () => settle({ ...state, q: box.value }, "replaceState"));
const goToAnswer = () => by(by("nothing").hidden ? "results-title" : "nothing").focus();
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  await settle({ ...state, q: box.value }, "pushState");
  goToAnswer();
});
box.addEventListener("keydown", async (event) => {
  if (event.key !== "Enter" || event.isComposing || !box.value.trim()) return;
  event.preventDefault(); // do not submit the form
  const typed = box.value;
  await settle({ ...state, q: typed }, "replaceState");
  if (box.value !== typed) return;
  keep();
  if (meant) location.assign(meant.link.href);
  else goToAnswer();
});
filters.addEventListener("change", (event) => {
  const { name, value, checked } = event.target;
  if (name === "maybe") choose({ ...state, maybe: checked });
  else if (facetOf.has(name)) choose(toggled(state, name, value, checked));
});
filters.addEventListener("input", (event) => {
  if (!event.target.matches(".facet-find")) return;
  update();
});
filters.addEventListener("submit", (event) => event.preventDefault());
// A facet is counted when it is opened.
if (source.isRemote) {
  for (const element of [panel, ...facets.map((facet) => facet.element)]) {
    element.addEventListener("toggle", () => element.open && !answer.isUntouched(state) && update());
  }
}
by("sort").addEventListener("change", (event) => {
  choose({ ...state, sort: SORTS.includes(event.target.value) ? event.target.value : SORTS[0] });
});
by("clear").addEventListener("click", unfilter);
by("more").addEventListener("click", async () => {
  const next = limit;
  limit += SHOWN_AT_ONCE;
  keep();
  await update();
  await results.finish();
  results.entries()[next]?.link.focus();
});
by("forget").addEventListener("click", () => {
  box.value = "";
  settle(empty(keys), "pushState");
  box.focus();
});
by("reload").addEventListener("click", () => {
  keep();
  location.reload();
});
by("retry").addEventListener("click", async () => {
  await update(true);
  if (by("failed").hidden) box.focus();
});
for (const link of document.querySelectorAll("[data-example]")) inPlace(link, () => goTo({ ...state, q: link.dataset.example }));

// ---- from the URL to the page

// The chosen values that are not in the catalogue.
const unknownValues = () => {
  const unknown = chosenValues(state).filter(([key, value]) => {
    const facet = facetOf.get(key);
    if (facet.known.has(value)) return false;
    const found = facet.isWide ? source.value(key, value) : null;
    if (found) adopt(facet, found);
    return !found;
  });
  source.parts.requireAll();
  return unknown;
};

const shownAs = (slug) => results.entries().find((entry) => entry.slug === slug);
const restore = async () => {
  const mine = ++turn;
  const isFirst = isAsItCame;
  isAsItCame = false;
  clearTimeout(writing);
  clearTimeout(noting);
  const before = history.state ?? {};
  state = read(location.search, keys);
  box.value = state.q;
  let unknown = [];
  try {
    unknown = withParts(source.parts, unknownValues, () => mine === turn);
    if (unknown instanceof Promise) unknown = await unknown;
  } catch (error) {
    if (!(error instanceof IndexFailure)) throw error;
    unknown = []; // the answer needs the same file, and reports the failure
  }
  if (mine !== turn) return;
  // A value that is not in the catalogue would hide everything, and could not be removed.
  for (const [key, value] of unknown) state = toggled(state, key, value, false);
  makeRoom();
  by("ignored").hidden = unknown.length === 0;
  by("ignored").textContent = unknown.length
    ? `Not in this catalogue, and left out of the filters: ${unknown.map(([key, value]) => `${facetOf.get(key).name} ${quoted(value)}`).join(", ")}.`
    : "";
  limit = before.limit ?? SHOWN_AT_ONCE;
  for (const facet of facets) if (isChosen(facet)) facet.element.open = true;
  // Most readers come to the unfiltered list: nothing needs to be counted or changed.
  const answered = isFirst && answer.isUntouched(state) ? showList(answer.untouched(limit)) : update();
  const own = turn; // that of the answer
  await answered;
  await results.finish();
  if (own === turn) restorePosition(list, before, shownAs); // else the reader has gone on
};
// The browser would restore the scroll position before the list has its length again.
history.scrollRestoration = "manual";
addEventListener("popstate", restore);
addEventListener("scroll", noteSoon, { passive: true });
// The position is saved when a link is followed, and when the page is closed; but not on `pagehide` of a page that goes into the
// back/forward cache: a page that changes its URL then is not kept.
document.addEventListener("click", ({ target }) => target.closest("a[href]") && keep(), { capture: true });
addEventListener("pagehide", ({ persisted }) => persisted || keep());

// In a narrow window the style sheet shows the filters only now, folded, so that nothing below them moves. If the reader has clicked
// meanwhile, they are opened.
if (isNarrow.matches) panel.open = !panel.open;
panel.classList.add("is-ready");
restore();
