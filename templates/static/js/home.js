// The front page: words and filters narrow and order the list. Cards are only moved, hidden and marked; foreign text goes
// into text nodes. This module has the state and what the reader does; answer.js turns the state into what is shown, and
// result_list.js, facet_panel.js and notes.js show it. Where the list is, and what it is searched with, is `source`'s affair:
// list_here.js has all of it in the page, list_far.js fetches what is asked for.

import { SHOWN_AT_ONCE, answers } from "./answer.js";
import { by } from "./dom.js";
import { adopt, readFacets, showFacets, suggestions, visibleChoices } from "./facet_panel.js";
import { listFar } from "./list_far.js";
import { listHere } from "./list_here.js";
import {
  fillWish,
  plural,
  quoted,
  showChips,
  showElsewhere,
  showFailure,
  showMissingCounts,
  showMissingList,
  showNothing,
} from "./notes.js";
import { IndexFailure, Lacking, withParts } from "./parts.js";
import { WORDS_AT_MOST } from "./rank.js";
import { certain, resultList } from "./result_list.js";
import { SORTS, chosenValues, empty, read, toggled, write } from "./state.js";
import { goBack, whereabouts } from "./whereabouts.js";
import { whole } from "./whole.js";
import { parts } from "./words.js";

const PAUSE = 400; // ms without a key, after which the count is spoken
const PATIENCE = 400; // and this long the page waits for the index before it says that it does
const ADDRESS_PAUSE = 250; // and the address is written, which takes a browser as long as the whole search

const form = by("search");
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
    await whole({ list, form, filters, sort: by("sort"), say });
  } catch (error) {
    say(everything);
    showMissingList();
    throw error;
  }
  by("count").textContent = everything;
}

// What was typed and chosen before the script came becomes the address, from which the page begins.
const keepChoices = () => {
  const parameters = new URLSearchParams(location.search);
  if (box.value) parameters.set("q", box.value);
  for (const { name, value } of filters.querySelectorAll("input:checked")) {
    if (!parameters.getAll(name).includes(value)) parameters.append(name, value);
  }
  if (by("sort").selectedIndex > 0) parameters.set("sort", by("sort").value);
  const text = parameters.toString();
  if (text) history.replaceState(history.state, "", `${location.pathname}?${text}`);
};
keepChoices();

// ---- what the page has

const facets = readFacets(filters);
const keys = facets.map((facet) => facet.key);
const facetOf = new Map(facets.map((facet) => [facet.key, facet]));
const panel = filters.closest("details");
const pageAt = (path) => new URL(path, document.baseURI).pathname;
// Facilities are not searched, but who types the name of one is led to its page.
const facilities = [...document.querySelectorAll("#place option[data-name]")]
  .map(({ value, dataset: { name } }) => ({
    name,
    words: parts(name),
    href: pageAt(`facilities/${value}/`),
  }))
  .filter(({ words }) => words.length > 0);

const index = pageAt(form.dataset.index);
const source = form.dataset.cards
  ? listFar(list, index, pageAt(form.dataset.cards), Number(form.dataset.total), facets)
  : listHere(list, index, facets);
const pager = document.querySelector(".pager");

// ---- the state of the page

let state = read(location.search, keys);
let limit = SHOWN_AT_ONCE;
let meant = null; // the entry that Enter opens
let turn = 0;
let failure = null; // why there was no answer, once one was asked for
let isAsItCame = true;

const isChosen = (facet) => state.chosen.get(facet.key).size > 0;
// Those of a large catalogue are counted only where somebody sees it, or a value is chosen.
const isCounted = (facet) => !source.isFar || (facet.element.open && panel.open) || isChosen(facet);

const fail = (kind) => {
  failure = kind;
  showFailure(kind);
};
const answer = answers({ source, facets, facilities, pageAt });
const results = resultList({
  list,
  source,
  facets,
  shown: () => source.isFar && document.dispatchEvent(new Event("shown")),
  failed: fail,
});

// All that is shown for the state; see answer.js. `searched` is false where the words are left aside.
const composed = (searched = true) => {
  const matching = facets.map((facet) => suggestions(facet, source));
  return answer.compose(state, { limit, matching, isCounted, searched });
};
// What can be shown of the state with what is there.
const withoutWords = () => {
  source.parts.begin();
  try {
    return composed(false);
  } catch (error) {
    if (!(error instanceof Lacking)) throw error;
    return answer.untouched(limit);
  }
};

// ---- what the reader sees

let announced = 0;
const announce = (text) => {
  by("count").textContent = text;
  clearTimeout(announced);
  announced = setTimeout(() => {
    by("status").textContent = text;
  }, PAUSE);
};

const showList = (view) => {
  meant = certain(view);
  results.show(view);
  const more = view.count - view.page.length - view.others.length;
  by("more").hidden = more <= 0;
  by("more").textContent = `Show ${Math.min(SHOWN_AT_ONCE, more)} more of ${view.count}`;
};

const showFilters = (view) => {
  showFacets(facets, state.chosen, view);
  if (by("maybe")) by("maybe").checked = state.maybe;
};

const choiceText = (key, value) => `${facetOf.get(key).name}: ${facetOf.get(key).known.get(value)?.text ?? value}`;
const dropped = (key, value) => () => choose(toggled(state, key, value, false));

const sayNothing = ({ hidden, total, drops, each, near }, chosen) => {
  const asked = state.q.trim();
  const takenBack = drops.map(([facet, id, count]) => {
    const { key, isWide, choices } = facets[facet];
    const value = isWide ? id : choices[id].value;
    return { text: `without ${choiceText(key, value)} (${count})`, then: dropped(key, value) };
  });
  if (chosen.length && hidden) takenBack.push({ text: `without the filters (${total})`, then: unfilter });
  showNothing({ asked, hidden, drops: takenBack, each, near, askFor });
  fillWish(asked, chosen.map(([key, value]) => choiceText(key, value)));
};

// What the line above the list says of the answer.
const summary = ({ ranked, count }, chosen) => {
  const total = source.total;
  const asked = state.q.trim();
  const some = chosen.length && count !== null ? `${count} of ${plural(total)}` : plural(total);
  if (failure && (asked || count === null)) return `${some}, not searched`;
  if (!asked) return chosen.length ? some : everything;
  if (ranked === null) return `${some}: ${quoted(asked)} has no letter or digit to search for`;
  const said = [`${count} of ${plural(total)} for ${quoted(asked)}`];
  if (ranked.similar && count) said.push("by similar spelling");
  if (ranked.left.length && count) said.push(`without ${ranked.left.map(quoted).join(", ")}`);
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
  showElsewhere(view.elsewhere, nothing !== null);
  by("show-results").textContent = `Show ${plural(view.count ?? source.total)}`;
  document.dispatchEvent(new Event("answered"));
  const asked = state.q.trim();
  document.title = asked ? `${asked} · ${title}` : title;
  announce(summary(view, chosen));
};

// After a failure the list is filtered without the words, until the reader tries again.
const update = async (again = false) => {
  const mine = ++turn;
  const searched = failure === null || again || !state.q.trim();
  const late = setTimeout(() => mine === turn && announce("Loading the search index …"), PATIENCE);
  try {
    let view = withParts(source.parts, () => composed(searched), () => mine === turn, again);
    if (view instanceof Promise) {
      list.setAttribute("aria-busy", "true");
      view = await view;
    }
    if (mine !== turn) return; // a later key has been pressed
    if (searched) fail(null);
    show(view);
    countLate(source.parts.wished(), mine, searched, again);
  } catch (error) {
    if (mine !== turn) return;
    if (!(error instanceof IndexFailure)) throw error;
    fail(error.kind);
    show(withoutWords());
    countLate(source.parts.wished(), mine, false, again);
  } finally {
    clearTimeout(late);
  }
};

// The counts of an answer that was shown before all that they need was there.
const countLate = async (wished, mine, searched, again) => {
  filters.toggleAttribute("data-counting", wished.length > 0);
  if (wished.length === 0) return;
  try {
    await source.parts.bring(again, wished);
    if (mine !== turn) return;
    const view = await withParts(source.parts, () => composed(searched), () => mine === turn, again);
    if (mine === turn) showFilters(view);
  } catch (error) {
    if (!(error instanceof IndexFailure)) throw error;
    if (mine === turn && failure === null) showMissingCounts(error.kind);
  }
  if (mine === turn) filters.removeAttribute("data-counting");
};

// ---- what the reader does

let writing = 0;
const here = () => ({ ...whereabouts(list), limit });
const writeAddress = (how) => {
  clearTimeout(writing);
  history[how](here(), "", `${location.pathname}${write(state)}`);
};
const keep = () => writeAddress("replaceState");
// Whereabouts are kept where the reader stops, and the address stays as it is.
let noting = 0;
const noteSoon = () => {
  clearTimeout(noting);
  noting = setTimeout(() => history.replaceState(here(), ""), ADDRESS_PAUSE);
};

// Where the window is narrow the style sheet leaves away what stands above the first hit while there is a query. Whoever types keeps
// the field: it goes to the top once, with the first letter, and stays where it is when it is emptied.
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

// Takes up a new state: at once, or as another step that Back can undo.
const settle = (next, how) => {
  if (how === "pushState") keep();
  state = next;
  makeRoom();
  limit = SHOWN_AT_ONCE;
  if (how === "pushState") writeAddress(how);
  else {
    clearTimeout(writing);
    writing = setTimeout(keep, ADDRESS_PAUSE);
  }
  return update();
};
// Where the filters stand beside the list, a list that became short is left behind above the window. Where they stand above
// it, it begins below them, and the page stays as it is under the finger.
const seeAnswer = () => {
  const head = isNarrow.matches ? by("count") : by("count").closest(".results-head");
  const { top, bottom } = head.getBoundingClientRect();
  if (top < 0 || (!isNarrow.matches && bottom > innerHeight)) head.scrollIntoView();
};
const choose = async (next) => {
  await settle(next, "pushState");
  seeAnswer();
};
const askFor = (q, how = "pushState") => {
  box.value = q;
  box.focus();
  return settle({ ...state, q }, how);
};
const unfilter = () => {
  choose({ ...state, chosen: empty(keys).chosen, maybe: false });
  by("results-title").focus();
};

// Whoever comes to the field will search: what every query needs is fetched before the first key. Of a large catalogue that is
// a small file, which comes when the page is done with everything else; what the page says of filters is read then, too.
const prepare = () => {
  const needed = withParts(source.parts, source.prepare, () => true);
  if (needed instanceof Promise) needed.catch(() => {}); // said when something is typed
};
const prepareAtLeisure = () => {
  prepare();
  for (const facet of facets) if (isCounted(facet)) visibleChoices(facet, null, state.chosen.get(facet.key));
};
box.addEventListener("focus", prepare, { once: true });
if (source.isFar) addEventListener("load", () => globalThis.requestIdleCallback?.(prepareAtLeisure), { once: true });
box.addEventListener("input", () => settle({ ...state, q: box.value }, "replaceState"));
const goToAnswer = () => by(by("nothing").hidden ? "results-title" : "nothing").focus();
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  await settle({ ...state, q: box.value }, "pushState");
  goToAnswer();
});
box.addEventListener("keydown", async (event) => {
  if (event.key !== "Enter" || event.isComposing || !box.value.trim()) return;
  event.preventDefault(); // else the form is sent, as by its button
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
// What is unfolded is counted.
if (source.isFar) {
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
for (const link of document.querySelectorAll("[data-example]")) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // another tab or window
    event.preventDefault();
    askFor(link.dataset.example);
  });
}

// ---- from the address to the page

// The chosen values that the catalogue does not have.
const unknownValues = () => {
  const unknown = chosenValues(state).filter(([key, value]) => {
    const facet = facetOf.get(key);
    if (facet.known.has(value)) return false;
    const found = facet.isWide ? source.value(key, value) : null;
    if (found) adopt(facet, found);
    return !found;
  });
  source.parts.settle();
  return unknown;
};

const shownAs = (slug) => results.entries().find((entry) => entry.slug === slug);
const restore = async () => {
  const mine = ++turn;
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
    unknown = []; // the answer needs the same file, and says that it failed
  }
  if (mine !== turn) return;
  // A value that the catalogue does not have would hide everything without a way to take it back.
  for (const [key, value] of unknown) state = toggled(state, key, value, false);
  makeRoom();
  by("ignored").hidden = unknown.length === 0;
  by("ignored").textContent = unknown.length
    ? `Not in this catalogue, and left out of the filters: ${unknown.map(([key, value]) => `${facetOf.get(key).name} “${value.slice(0, 80)}”`).join(", ")}.`
    : "";
  limit = before.limit ?? SHOWN_AT_ONCE;
  for (const facet of facets) if (isChosen(facet)) facet.element.open = true;
  // Nearly all readers come to the list as it stands: nothing is counted or written for it.
  if (isAsItCame && answer.isUntouched(state)) showList(answer.untouched(limit));
  else await update();
  isAsItCame = false;
  await results.finish();
  goBack(list, before, shownAs);
};
// The list is as long as it was only after the search has answered: the browser would scroll too early.
history.scrollRestoration = "manual";
addEventListener("popstate", restore);
addEventListener("scroll", noteSoon, { passive: true });
// A browser that may bring the whole page again does not, where its address is written as it is left.
document.addEventListener("click", ({ target }) => target.closest("a[href]") && keep(), { capture: true });
addEventListener("pagehide", ({ persisted }) => persisted || keep());

// Where the window is narrow the style sheet shows the filters only now, so that nothing below them moves. Who has clicked
// in the meantime wants them.
if (isNarrow.matches) panel.open = !panel.open;
panel.classList.add("is-ready");
restore();
