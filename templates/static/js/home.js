// The front page: words and filters narrow and order the list that is there. Cards are only moved, hidden and marked;
// foreign text goes into text nodes.

import { IndexFailure, load } from "./load.js";
import { gains, sorted, survey } from "./narrow.js";
import { nearestNames } from "./near.js";
import { WORDS_AT_MOST, alone, better, rank } from "./rank.js";
import { SORTS, chosenValues, empty, read, toggled, write } from "./state.js";
import { whole } from "./whole.js";
import { cutUp, marks, matchedTerms, reasons } from "./why.js";
import { fold, parts, singular, tokens } from "./words.js";

// A list of thousands would be laid out at every key: so many are shown, the first ones of them in the frame of the key
// and the others in the next, and a button brings more.
const SHOWN_FIRST = 10;
const SHOWN_AT_ONCE = 50;
const SUGGESTED_AT_MOST = 20;
const PAUSE = 400; // ms without a key, after which the count is spoken
const PATIENCE = 400; // and this long the page waits for the index before it says that it does
const ADDRESS_PAUSE = 250; // and the address is written, which takes a browser as long as the whole search

const by = (id) => document.getElementById(id);
const make = (name, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};
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
    by("failed").hidden = false;
    by("failed-text").textContent = "The whole list could not be loaded, so it cannot be searched.";
    by("failed-list").textContent = "It goes on from page to page.";
    by("reload").hidden = false;
    by("retry").hidden = true;
    by("reload").addEventListener("click", () => location.reload());
    throw error;
  }
  by("count").textContent = everything;
}

// ---- what the page says of facets and entries

const facets = [...filters.querySelectorAll("[data-facet]")].map((element) => {
  const choices = [...element.querySelectorAll(".choice[data-value]")].map((label) => ({
    label,
    input: label.querySelector("input"),
    count: label.querySelector(".count"),
    value: label.dataset.value,
    text: label.querySelector("[dir=auto]").textContent,
    shown: !label.hidden,
  }));
  return {
    key: element.dataset.facet,
    name: element.dataset.label,
    element,
    choices,
    known: new Map(choices.map((choice, number) => [choice.value, { ...choice, number }])),
    find: element.querySelector(".facet-find"),
    hint: element.querySelector(".facet-hint"),
    chosen: element.querySelector(".facet-chosen"),
  };
});
const keys = facets.map((facet) => facet.key);
const facetOf = new Map(facets.map((facet) => [facet.key, facet]));
const sizes = facets.map((facet) => facet.choices.length);
const words = (text) => (text ?? "").split(" ").filter(Boolean);
const numbers = (card, prefix) =>
  facets.map(({ key, known }) => words(card.getAttribute(`data-${prefix}${key}`)).map((value) => known.get(value).number));

const entries = [...list.children].map((card, place) => ({
  card,
  place,
  slug: card.dataset.slug,
  name: fold(card.dataset.name),
  date: card.dataset.date,
  link: card.querySelector("h3 a"),
  summary: card.querySelector(".summary"),
  sure: numbers(card, ""),
  unsure: numbers(card, "maybe-"),
}));
const entryOf = new Map(entries.map((entry) => [entry.slug, entry]));

// ---- the state of the page

let state = read(location.search, keys);
let limit = SHOWN_AT_ONCE;
let search = null; // a promise of what `rank` needs, once the search was used
let index = null; // the same, once it is there
let visible = new Set(entries);
let marked = new Set();
let soon = {}; // what is left to show of an answer
let best = null;
let turn = 0;
let failure = null; // why there is no index, once it was asked for

// The chosen values as numbers, for each facet.
const chosenNumbers = () => facets.map(({ key, known }) => [...state.chosen.get(key)].map((value) => known.get(value).number));
const surveyed = (found) => survey(entries, found, chosenNumbers(), state.maybe, sizes);

const loadOnce = (again) => {
  search ??= load(new URL(form.dataset.index, document.baseURI).pathname, again);
  search.then(
    (found) => {
      index = found;
    },
    () => {
      search = null;
    },
  );
  return search;
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
// What was typed, in quotation marks; from right to left, or with signs that turn the direction, it must not turn ours.
const TURNS = /[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc]/u;
const quoted = (text) => (TURNS.test(text) ? `“\u2068${text}\u2069”` : `“${text}”`);
const plural = (n) => (n === 1 ? "1 entry" : `${n} entries`);

const fill = (element, pieces, terms) => {
  element.replaceChildren(...marks(pieces, terms).map(([text, hit]) => (hit ? make("mark", { textContent: text }) : text)));
};
const unmark = (entry) => {
  entry.link.textContent = entry.linkText;
  entry.summary.textContent = entry.summaryText;
  entry.why.remove();
};
const mark = (entry, ranked) => {
  entry.linkText ??= entry.link.textContent;
  entry.summaryText ??= entry.summary.textContent;
  entry.linkPieces ??= cutUp(entry.linkText);
  entry.summaryPieces ??= cutUp(entry.summaryText);
  const terms = matchedTerms(index, ranked, entry.slug);
  fill(entry.link, entry.linkPieces, terms);
  fill(entry.summary, entry.summaryPieces, terms);
  const said = reasons(index, ranked, entry.slug, (field, term) => {
    const number = facets.findIndex((facet) => facet.key === field);
    const value = entry.sure[number]?.find((each) => {
      const own = tokens(facets[number].choices[each].text);
      return own.some((word) => word === term || singular(word) === term) || own.join("").includes(term);
    });
    return value === undefined ? "" : `${facets[number].name}: ${facets[number].choices[value].text}`;
  });
  entry.why = make("p", { className: "matched", textContent: said.join(" · "), dir: "auto" });
  entry.summary.after(entry.why);
};

// Shows these entries after `place`, in their order. What is hidden needs no order, so only these are moved, and those
// that are in place stay there. Gives the place after them.
const put = (page, ranked, place) => {
  let next = place;
  for (const entry of page) {
    const { card } = entry;
    if (card === next) next = next.nextElementSibling;
    else list.insertBefore(card, next);
    card.hidden = false;
    if (ranked) {
      mark(entry, ranked);
      marked.add(entry);
    }
  }
  return next;
};

// Shows what is not yet shown of the answer.
const finish = () => {
  cancelAnimationFrame(soon.frame);
  soon.then?.();
  soon = {};
};

const showList = (shown, ranked) => {
  cancelAnimationFrame(soon.frame);
  soon = {};
  const page = shown.slice(0, limit);
  const now = new Set(page);
  for (const entry of visible) if (!now.has(entry)) entry.card.hidden = true;
  for (const entry of marked) unmark(entry);
  marked = new Set();
  visible = now;
  best = page[0] ?? null;
  const next = put(page.slice(0, SHOWN_FIRST), ranked, list.firstElementChild);
  const rest = page.slice(SHOWN_FIRST);
  const complete = () => {
    put(rest, ranked, next);
    list.removeAttribute("aria-busy");
  };
  if (rest.length) {
    for (const entry of rest) entry.card.hidden = true;
    list.setAttribute("aria-busy", "true");
    // After the frame in which the first ones are painted.
    soon = { then: complete, frame: requestAnimationFrame(() => setTimeout(() => soon.then === complete && finish())) };
  } else complete();
  by("more").hidden = shown.length <= limit;
  by("more").textContent = `Show ${Math.min(SHOWN_AT_ONCE, shown.length - limit)} more of ${shown.length}`;
};

// The values of a long facet: the most frequent, those that are chosen, and those that begin with what was typed.
const showChoices = (facet) => {
  const chosen = state.chosen.get(facet.key);
  const typed = facet.find?.value ?? "";
  const now = `${typed} ${[...chosen]}`;
  if (facet.before === now) return; // thousands of authors need not be looked through at every key
  facet.before = now;
  const asked = parts(typed);
  let room = SUGGESTED_AT_MOST;
  let left = 0;
  let none = asked.length > 0;
  facet.visible = [];
  facet.choices.forEach((choice, number) => {
    let wanted = choice.shown;
    if (asked.length) {
      choice.words ??= parts(choice.text);
      wanted = asked.every((word) => choice.words.some((own) => own.startsWith(word)));
      if (wanted) {
        none = false;
        if (room === 0) {
          wanted = false;
          left += 1;
        } else room -= 1;
      }
    }
    choice.input.checked = chosen.has(choice.value);
    choice.label.hidden = !wanted && !chosen.has(choice.value);
    if (!choice.label.hidden) facet.visible.push(number);
  });
  if (facet.hint) facet.hint.textContent = left ? `and ${left} more: type on` : none ? "None begins with this" : "";
  facet.chosen.textContent = chosen.size ? `${chosen.size} chosen` : "";
};

const showFacets = (counts) => {
  facets.forEach((facet, number) => {
    showChoices(facet);
    for (const place of facet.visible) {
      const { label, count } = facet.choices[place];
      const text = String(counts[number][place]);
      if (count.textContent !== text) count.textContent = text;
      label.classList.toggle("is-empty", text === "0");
    }
  });
  if (by("maybe")) by("maybe").checked = state.maybe;
};

const choiceText = (key, value) => `${facetOf.get(key).name}: ${facetOf.get(key).known.get(value).text}`;

const showChips = (chosen) => {
  const chips = chosen.map(([key, value]) => {
    const text = choiceText(key, value);
    const button = make("button", { type: "button", className: "chip" }, make("span", { textContent: text, dir: "auto" }));
    button.append(make("span", { className: "chip-x", textContent: "×", ariaHidden: "true" }));
    button.setAttribute("aria-label", `Remove the filter ${text}`);
    button.addEventListener("click", () => {
      const place = [...by("chips").children].indexOf(button.parentElement);
      choose(toggled(state, key, value, false));
      const next = by("chips").children[Math.min(place, by("chips").children.length - 1)];
      (next?.querySelector("button") ?? by("results-title")).focus();
    });
    return make("li", {}, button);
  });
  by("chips").replaceChildren(...chips);
  by("chosen").hidden = chosen.length === 0;
  by("filter-count").textContent = chosen.length ? `${chosen.length} chosen` : "";
};

const showNothing = (found, chosen) => {
  const asked = state.q.trim();
  const line = (id, items) => {
    by(id).hidden = items.length === 0;
    by(id).querySelector("ul").replaceChildren(...items.map((item) => make("li", {}, item)));
  };
  const action = (text, then) => {
    const button = make("button", { type: "button", className: "link-button", textContent: text, dir: "auto" });
    button.addEventListener("click", then);
    return button;
  };
  const hidden = found === null || found.size > 0; // there is something, and the filters hide it
  by("nothing-text").textContent = !asked
    ? "Nothing matches these filters."
    : hidden
      ? `Nothing matches ${quoted(asked)} with these filters.`
      : `Nothing found for ${quoted(asked)}.`;
  const drops = chosen.length > 1 ? gains(entries, found, chosenNumbers(), state.maybe, sizes).filter(([, , count]) => count > 0) : [];
  line("nothing-drop", [
    ...drops.map(([facet, number, count]) => {
      const { key, choices } = facets[facet];
      const { value } = choices[number];
      return action(`without ${choiceText(key, value)} (${count})`, () => choose(toggled(state, key, value, false)));
    }),
    ...(chosen.length && hidden ? [action(`without the filters (${found ? found.size : entries.length})`, unfilter)] : []),
  ]);
  const each = asked && index ? alone(index, asked) : [];
  line(
    "nothing-alone",
    each.length > 1
      ? each.map(([word, count]) => (count ? action(`${word} (${count})`, () => askFor(word)) : make("span", { textContent: `${word} (0)`, dir: "auto" })))
      : [],
  );
  const near = asked && index && !hidden ? nearestNames(asked, index) : [];
  line(
    "nothing-near",
    near.map(([slug, name]) => make("a", { href: entryOf.get(slug)?.link.href ?? "", textContent: name, dir: "auto" })),
  );
  const wish = by("wish");
  if (wish) {
    const address = new URL(wish.dataset.href);
    const short = asked.slice(0, 200);
    if (wish.dataset.title) address.searchParams.set(wish.dataset.title, `Missing from the catalogue: ${short || "…"}`);
    if (wish.dataset.text) {
      const text = `I searched for “${short}” and found nothing.\n\nWhat I expected to find (name, address):\n\n`;
      const with_ = chosen.length ? `Filters: ${chosen.map(([key, value]) => choiceText(key, value)).join("; ")}\n` : "";
      address.searchParams.set(wish.dataset.text, `${text}${with_}${location.href.slice(0, 500)}`);
    }
    // Mail programs do not read `+` as a blank.
    wish.href = address.protocol === "mailto:" ? address.href.replaceAll("+", "%20") : address.href;
  }
};

// `ranked` is null where the list is not that of a query: none was asked, it has no word, or the index failed.
const show = (ranked) => {
  const order = ranked?.order ?? null;
  const { shown, counts } = surveyed(order);
  showList(sorted(shown, state.sort, order, better), ranked);
  showFacets(counts);
  const chosen = chosenValues(state);
  showChips(chosen);
  by("sort").value = state.sort;
  by("nothing").hidden = shown.length > 0;
  if (shown.length === 0) showNothing(order, chosen);
  by("show-results").textContent = `Show ${plural(shown.length)}`;
  const asked = state.q.trim();
  document.title = asked ? `${asked} · ${title}` : title;
  const some = chosen.length ? `${shown.length} of ${plural(entries.length)}` : plural(entries.length);
  if (!asked) announce(chosen.length ? some : everything);
  else if (failure) announce(`${some}, not searched`);
  else if (ranked === null) announce(`${some}: ${quoted(asked)} has no letter or digit to search for`);
  else {
    const said = [`${shown.length} of ${plural(entries.length)} for ${quoted(asked)}`];
    if (ranked.similar && shown.length) said.push("by similar spelling");
    if (ranked.left.length && shown.length) said.push(`without ${ranked.left.map(quoted).join(", ")}`);
    if (ranked.words.length === WORDS_AT_MOST) said.push(`by its first ${WORDS_AT_MOST} words`);
    announce(said.join(", "));
  }
};

const FAILURES = {
  fetch: "The search index could not be loaded.",
  gone: "This page is older than the catalogue, whose search index has changed.",
  cut: "The search index did not arrive whole.",
  build: "The search index is of another build of this site.",
};
// These a newer page mends; its address has all that was chosen.
const OUTDATED = new Set(["gone", "build"]);

const fail = (kind) => {
  failure = kind;
  by("failed").hidden = kind === null;
  by("failed-text").textContent = FAILURES[kind] ?? "";
  by("reload").hidden = !OUTDATED.has(kind);
};

// After a failure the list is filtered without the words, until the reader tries again.
const update = async (again = false) => {
  const mine = ++turn;
  if (!state.q.trim() || (failure && !again)) {
    if (!state.q.trim()) fail(null);
    show(null);
    return;
  }
  try {
    const late = index ? 0 : setTimeout(() => announce("Loading the search index …"), PATIENCE);
    const found = index ?? (await loadOnce(again).finally(() => clearTimeout(late)));
    if (mine !== turn) return; // a later key has been pressed
    fail(null);
    show(rank(found, state.q));
  } catch (error) {
    if (mine !== turn) return;
    if (!(error instanceof IndexFailure)) throw error;
    fail(error.kind);
    show(null);
  }
};

// ---- what the reader does

// Where the reader is on the page, kept with each state: Back brings it again.
const focusName = () => {
  const card = document.activeElement?.closest(".card");
  return card ? `card ${card.dataset.slug}` : (document.activeElement?.id ?? "");
};
const whereabouts = () => ({ scroll: scrollY, focus: focusName(), limit });
let writing = 0;
const writeAddress = (how) => {
  clearTimeout(writing);
  history[how](whereabouts(), "", `${location.pathname}${write(state)}`);
};
const keep = () => writeAddress("replaceState");

// Takes up a new state: at once, or as another step that Back can undo.
const settle = (next, how) => {
  if (how === "pushState") keep();
  state = next;
  limit = SHOWN_AT_ONCE;
  if (how === "pushState") writeAddress(how);
  else {
    clearTimeout(writing);
    writing = setTimeout(keep, ADDRESS_PAUSE);
  }
  return update();
};
const choose = (next) => settle(next, "pushState");
const askFor = (q, how = "pushState") => {
  box.value = q;
  box.focus();
  return settle({ ...state, q }, how);
};
const unfilter = () => {
  choose({ ...state, chosen: empty(keys).chosen, maybe: false });
  by("results-title").focus();
};

box.addEventListener("focus", () => loadOnce().catch(() => {}), { once: true });
box.addEventListener("input", () => settle({ ...state, q: box.value }, "replaceState"));
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  await settle({ ...state, q: box.value }, "pushState");
  by("results-title").focus();
});
box.addEventListener("keydown", async (event) => {
  if (event.key !== "Enter" || event.isComposing || !box.value.trim()) return;
  event.preventDefault(); // else the form is sent, as by its button
  const typed = box.value;
  await settle({ ...state, q: typed }, "replaceState");
  if (box.value !== typed) return;
  if (by("failed").hidden && best) {
    keep();
    location.assign(best.link.href);
  } else if (best === null) by("nothing").focus();
});
filters.addEventListener("change", (event) => {
  const { name, value, checked } = event.target;
  if (name === "maybe") choose({ ...state, maybe: checked });
  else if (facetOf.has(name)) choose(toggled(state, name, value, checked));
});
filters.addEventListener("input", (event) => {
  if (!event.target.matches(".facet-find")) return;
  const facet = facetOf.get(event.target.closest("[data-facet]").dataset.facet);
  showChoices(facet);
  showFacets(surveyed(state.q.trim() && index ? (rank(index, state.q)?.order ?? null) : null).counts);
});
filters.addEventListener("submit", (event) => event.preventDefault());
by("sort").addEventListener("change", (event) => {
  choose({ ...state, sort: SORTS.includes(event.target.value) ? event.target.value : SORTS[0] });
});
by("clear").addEventListener("click", unfilter);
by("more").addEventListener("click", async () => {
  const next = limit;
  limit += SHOWN_AT_ONCE;
  keep();
  await update();
  finish();
  [...visible][next]?.link.focus();
});
by("forget").addEventListener("click", () => {
  box.value = "";
  choose(empty(keys));
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

const restore = async () => {
  state = read(location.search, keys);
  // A value that the catalogue does not have would hide everything without a way to take it back.
  const unknown = chosenValues(state).filter(([key, value]) => !facetOf.get(key).known.has(value));
  for (const [key, value] of unknown) state = toggled(state, key, value, false);
  by("ignored").hidden = unknown.length === 0;
  by("ignored").textContent = unknown.length
    ? `Not in this catalogue, and left out of the filters: ${unknown.map(([key, value]) => `${facetOf.get(key).name} “${value.slice(0, 80)}”`).join(", ")}.`
    : "";
  box.value = state.q;
  limit = history.state?.limit ?? SHOWN_AT_ONCE;
  for (const facet of facets) if (state.chosen.get(facet.key).size) facet.element.open = true;
  const { scroll, focus } = history.state ?? {};
  await update();
  finish();
  if (typeof focus === "string" && focus) {
    const [kind, slug] = focus.split(" ");
    (kind === "card" ? entryOf.get(slug)?.link : by(focus))?.focus({ preventScroll: true });
  }
  if (typeof scroll === "number") scrollTo(0, scroll);
};
// The list is as long as it was only after the search has answered: the browser would scroll too early.
history.scrollRestoration = "manual";
addEventListener("popstate", restore);
addEventListener("pagehide", keep);

if (matchMedia("(max-width: 56rem)").matches) filters.closest("details").open = false;
restore();
