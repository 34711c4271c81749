// The front page: words and filters narrow and order the list. Cards are only moved, hidden and marked; foreign text goes
// into text nodes. Where the list is, and what it is searched with, is `source`'s affair: list_here.js has all of it in the
// page, list_far.js fetches what is asked for.

import { choice as labelLike } from "./choice.js";
import { gains, sorted, survey } from "./narrow.js";
import { listFar } from "./list_far.js";
import { listHere } from "./list_here.js";
import { nearestNames } from "./near.js";
import { IndexFailure, Lacking } from "./parts.js";
import { WORDS_AT_MOST, alone, rank, tierOf, withdrawn } from "./rank.js";
import { SORTS, chosenValues, empty, read, toggled, write } from "./state.js";
import { whole } from "./whole.js";
import { cutUp, marks, matchedTerms, reasons } from "./why.js";
import { PREFIX_FROM, parts, singular, tokens } from "./words.js";

// A list of thousands would be laid out at every key: so many are shown, the first ones of them in the frame of the key
// and the others in the next, and a button brings more.
const SHOWN_FIRST = 6; // a screenful
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

// ---- what the page says of facets

// Of a facet that has many values only some stand in the page. A value is known to the others by `id`. They are read when they
// are first asked for: there are hundreds, and most readers only look at the list.
const facets = [...filters.querySelectorAll("[data-facet]")].map((element) => {
  const isWide = element.hasAttribute("data-wide");
  let choices = null;
  let known = null;
  return {
    key: element.dataset.facet,
    name: element.dataset.label,
    element,
    isWide,
    get choices() {
      choices ??= [...element.querySelectorAll(".choice[data-value]")].map((label, number) => ({
        label,
        input: label.querySelector("input"),
        count: label.querySelector(".count"),
        value: label.dataset.value,
        text: label.querySelector("[dir=auto]").textContent,
        total: label.querySelector(".count").textContent,
        shown: !label.hidden,
        id: isWide ? label.dataset.value : number,
      }));
      return choices;
    },
    set choices(others) {
      choices = others;
    },
    get known() {
      known ??= new Map(this.choices.map((choice) => [choice.value, choice]));
      return known;
    },
    find: element.querySelector(".facet-find"),
    hint: element.querySelector(".facet-hint"),
    chosen: element.querySelector(".facet-chosen"),
  };
});
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

const index = new URL(form.dataset.index, document.baseURI).pathname;
const isFar = Boolean(form.dataset.cards);
const source = isFar
  ? listFar(list, index, new URL(form.dataset.cards, document.baseURI).pathname, Number(form.dataset.total), facets)
  : listHere(list, index, facets);
const pager = document.querySelector(".pager");

// ---- the state of the page

let state = read(location.search, keys);
let limit = SHOWN_AT_ONCE;
let visible = new Set(source.standing); // the entries whose cards are shown
let marked = new Set();
let rest = null; // what is left to show of an answer
let meant = null; // the entry that Enter opens
let turn = 0;
let failure = null; // why there was no answer, once one was asked for
let isAsItCame = true;

// What `make` gives, at once where all of it is there, else a promise of it; of null where the reader has gone on meanwhile.
const there = (make, goesOn, again = false) => {
  const attempt = () => {
    source.parts.begin();
    try {
      return { made: make() };
    } catch (error) {
      if (!(error instanceof Lacking)) throw error;
      return null;
    }
  };
  const first = attempt();
  if (first) return first.made;
  const later = async () => {
    for (;;) {
      await source.parts.bring(again);
      if (!goesOn()) return null;
      const next = attempt();
      if (next) return next.made;
    }
  };
  return later();
};

// The chosen values by their ids, for each facet.
const chosenIds = () => facets.map(({ key, isWide, known }) => [...state.chosen.get(key)].map((value) => (isWide ? value : known.get(value).id)));

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
  const search = source.search();
  const terms = matchedTerms(search, ranked, entry.place);
  fill(entry.link, entry.linkPieces, terms);
  fill(entry.summary, entry.summaryPieces, terms);
  const said = reasons(search, ranked, { place: entry.place, names: source.names(entry) }, (field, term) => {
    const number = facets.findIndex((facet) => facet.key === field);
    const text = number < 0 ? undefined : source.labels(entry, number).find((each) => {
      const own = tokens(each);
      return own.some((word) => word === term || singular(word) === term) || own.join("").includes(term);
    });
    return text === undefined ? "" : `${facets[number].name}: ${text}`;
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
    visible.add(entry);
    if (ranked) {
      mark(entry, ranked);
      marked.add(entry);
    }
  }
  if (isFar) document.dispatchEvent(new Event("shown"));
  return next;
};

// Shows what is not yet shown of the answer.
const finish = async () => {
  cancelAnimationFrame(rest?.frame);
  await rest?.complete();
};

// The entry that was asked for without a doubt: the only one found, or the only one of that name; null where a spelling was
// guessed or a word left out.
const certain = (ranked, page, count) => {
  if (!ranked || ranked.similar || ranked.left.length) return null;
  const [first, second] = page.map(({ place }) => tierOf(ranked, place) === 0);
  return count === 1 || (first && !second) ? page[0] : null;
};

// `page` are the first entries of an answer, `others` the places of those that are shown after them.
const showList = ({ page, others, ranked, count }) => {
  cancelAnimationFrame(rest?.frame);
  rest = null;
  const now = new Set(page);
  source.hide([...visible].filter((entry) => !now.has(entry)));
  for (const entry of marked) unmark(entry);
  marked = new Set();
  visible = new Set();
  meant = certain(ranked, page, count);
  list.classList.remove("is-whole");
  const next = put(page, ranked, list.firstElementChild);
  const more = count - page.length - others.length;
  by("more").hidden = more <= 0;
  by("more").textContent = `Show ${Math.min(SHOWN_AT_ONCE, more)} more of ${count}`;
  if (others.length === 0) {
    list.removeAttribute("aria-busy");
    return;
  }
  list.setAttribute("aria-busy", "true");
  const mine = {
    complete: async () => {
      const entriesThere = () => {
        const found = others.map(source.entry);
        source.parts.settle();
        return found;
      };
      try {
        let found = there(entriesThere, () => rest === mine);
        if (found instanceof Promise) found = await found;
        if (rest !== mine) return;
        put(found, ranked, next);
      } catch (error) {
        if (rest !== mine) return;
        if (!(error instanceof IndexFailure)) throw error;
        fail(error.kind);
      }
      rest = null;
      list.removeAttribute("aria-busy");
    },
  };
  rest = mine;
  // After the frame in which the first ones are painted.
  mine.frame = requestAnimationFrame(() => setTimeout(() => rest === mine && finish()));
};

// Takes up a value of a long facet that the page does not have.
const known = (facet, found) => {
  if (!facet.known.has(found.value)) {
    const label = labelLike(facet.element.querySelector(".choice[data-value]"), { ...found, count: "" });
    const [input, count] = [label.querySelector("input"), label.querySelector(".count")];
    const total = String(found.where.length);
    const choice = { label, input, count, total, shown: false, isExtra: true, id: found.value, ...found };
    facet.hint.before(label);
    facet.known.set(found.value, choice);
    facet.choices.push(choice);
  }
  return facet.known.get(found.value);
};
// Lets go of those that are neither chosen nor shown.
const forget = (facet) => {
  facet.choices = facet.choices.filter((choice) => {
    if (!choice.isExtra || !choice.label.hidden) return true;
    choice.label.remove();
    facet.known.delete(choice.value);
    return false;
  });
};

// What a reader who types into the field of a long facet is shown: { values: choices, left: how many more there are }; null
// where nothing is typed.
const suggested = (facet) => {
  const asked = parts(facet.find?.value ?? "");
  if (asked.length === 0) return null;
  if (facet.isWide) {
    const { values, left } = source.suggested(facet.key, asked, SUGGESTED_AT_MOST);
    return { values: values.map((found) => known(facet, found)), left };
  }
  const found = facet.choices.filter((choice) => {
    choice.words ??= parts(choice.text);
    return asked.every((word) => choice.words.some((own) => own.startsWith(word)));
  });
  return { values: found.slice(0, SUGGESTED_AT_MOST), left: Math.max(0, found.length - SUGGESTED_AT_MOST) };
};

// The values of a long facet: the most frequent, those that are chosen, and those that begin with what was typed.
const showChoices = (facet, matching) => {
  const chosen = state.chosen.get(facet.key);
  const typed = facet.find?.value ?? "";
  const now = `${typed} ${[...chosen]}`;
  if (facet.before === now) return; // thousands of authors need not be looked through at every key
  facet.before = now;
  const wanted = matching && new Set(matching.values);
  facet.visible = [];
  for (const choice of facet.choices) {
    choice.input.checked = chosen.has(choice.value);
    choice.label.hidden = !(wanted ? wanted.has(choice) : choice.shown) && !choice.input.checked;
    if (!choice.label.hidden) facet.visible.push(choice);
  }
  if (facet.isWide) forget(facet);
  if (facet.hint) {
    const { left, values } = matching ?? { left: 0, values: null };
    facet.hint.textContent = left ? `and ${left} more: keep typing` : values?.length === 0 ? hintOf(facet, typed) : "";
  }
  facet.chosen.textContent = chosen.size ? `${chosen.size} chosen` : "";
};
const hintOf = (facet, typed) =>
  facet.isWide && parts(typed).every((word) => word.length < PREFIX_FROM) ? "Keep typing" : "None begins with this";

const showFacets = ({ counted, matching }) => {
  facets.forEach((facet, number) => {
    showChoices(facet, matching[number]);
    for (const { label, count, id } of facet.visible) {
      const text = counted(number, id);
      if (text === null) continue; // nobody sees it
      if (count.textContent !== text) count.textContent = text;
      label.classList.toggle("is-empty", text === "0");
    }
  });
  if (by("maybe")) by("maybe").checked = state.maybe;
};

const choiceText = (key, value) => `${facetOf.get(key).name}: ${facetOf.get(key).known.get(value)?.text ?? value}`;

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

const line = (id, items) => {
  by(id).hidden = items.length === 0;
  by(id).querySelector("ul").replaceChildren(...items.map((item) => make("li", {}, item)));
};
// Where nothing is found the note says it, which is what is read out then.
const showElsewhere = (pages, nothing) => {
  const links = pages.map(({ text, href }) => make("a", { href, textContent: text, dir: "auto" }));
  line("elsewhere", nothing ? [] : links);
  line("nothing-elsewhere", nothing ? links : []);
};

const showNothing = ({ hidden, total, drops, each, near }, chosen) => {
  const asked = state.q.trim();
  const action = (text, then) => {
    const button = make("button", { type: "button", className: "link-button", textContent: text, dir: "auto" });
    button.addEventListener("click", then);
    return button;
  };
  by("nothing-text").textContent = !asked
    ? "Nothing matches these filters."
    : hidden
      ? `Nothing matches ${quoted(asked)} with these filters.`
      : `Nothing found for ${quoted(asked)}.`;
  line("nothing-drop", [
    ...drops.map(([facet, id, count]) => {
      const { key, isWide, choices } = facets[facet];
      const value = isWide ? id : choices[id].value;
      return action(`without ${choiceText(key, value)} (${count})`, () => choose(toggled(state, key, value, false)));
    }),
    ...(chosen.length && hidden ? [action(`without the filters (${total})`, unfilter)] : []),
  ]);
  line(
    "nothing-alone",
    each.length > 1
      ? each.map(([word, count]) => (count ? action(`${word} (${count})`, () => askFor(word)) : make("span", { textContent: `${word} (0)`, dir: "auto" })))
      : [],
  );
  line(
    "nothing-near",
    near.map(({ link, card }) => make("a", { href: link.href, textContent: card.dataset.name, dir: "auto" })),
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

// ---- from the state to what is shown

// Whether the counts of a facet are to be had: those of a large catalogue only where somebody sees them, or a value is chosen.
const isChosen = (facet) => state.chosen.get(facet.key).size > 0;
const isCounted = (facet) => !isFar || (facet.element.open && panel.open) || isChosen(facet);
const PENDING = "…";

// What the page shows while nothing is asked for: its list as it came, of a large catalogue the first part of it.
const isUntouched = () => source.total > 0 && !state.q.trim() && !state.maybe && state.sort === SORTS[0] && chosenValues(state).length === 0;
const untouched = () => ({
  ranked: null,
  page: isFar ? source.standing : source.standing.slice(0, limit),
  others: [],
  count: isFar ? null : source.total,
  counted: (number, id) => (facets[number].isWide ? facets[number].known.get(id) : facets[number].choices[id]).total,
  matching: facets.map(() => null),
  nothing: null,
});

// The answer to a query, kept for when the work is done again, with its cards and its counts.
let last = { q: null, ranked: null };
const rankedBy = (q) => {
  if (last.q !== q) last = { q, ranked: rank(source.search(), q) };
  return last.ranked;
};

// All that is shown for the state. `searched` is false where the words are left aside.
const composed = (searched = true) => {
  const matching = facets.map(suggested);
  if (isUntouched()) {
    source.parts.settle();
    return { ...untouched(), matching };
  }
  const columns = source.facets((number) => isChosen(facets[number]), (number) => isCounted(facets[number]));
  const orders = source.ranks(state.sort);
  const asked = facets.flatMap((facet, number) => (isCounted(facet) ? [[number, shownChoices(facet, matching[number])]] : []));
  // All that is needed is asked for together.
  for (const [number, choices] of asked) for (const { id } of choices) columns[number].having?.(id, true);
  for (const [number, ids] of chosenIds().entries()) for (const id of ids) columns[number].having?.(id);
  const ranked = searched && state.q.trim() ? rankedBy(state.q) : null;
  source.parts.settle();
  const found = ranked?.order.places ?? null;
  const { shown, count } = survey(source.total, found, columns, chosenIds(), state.maybe);
  const places = [...sorted(shown, orders ?? ranked?.order.ranks ?? null, limit)];
  const isThere = (number, id) => columns[number].sets || columns[number].having?.(id, true);
  const said = (number, id) => (isThere(number, id) ? String(count(number, id)) : PENDING);
  const counts = new Map(asked.flatMap(([number, choices]) => choices.map(({ id }) => [`${number} ${id}`, said(number, id)])));
  const first = limit > SHOWN_AT_ONCE ? limit : SHOWN_FIRST; // a list that grows must not be short meanwhile
  const page = places.slice(0, first).map(source.entry);
  const nothing = shown.length ? null : nothingFound(found, columns, ranked);
  const pages = elsewhere(ranked);
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
};

// The choices that will be seen of a facet.
const shownChoices = (facet, matching) => {
  const chosen = state.chosen.get(facet.key);
  return [...(matching?.values ?? []), ...facet.choices.filter((choice) => chosen.has(choice.value) || (!matching && choice.shown))];
};

// The pages of this site that are no entries and are what was typed, { text, href } each: facilities whose name it is or
// begins with, in whole words; where no entry has the words, also those of a name that has them, or begins or goes on with
// them, and entries that were withdrawn.
const elsewhere = (ranked) => {
  if (ranked === null) return [];
  const typed = parts(state.q);
  const joined = typed.join("");
  const isMissed = ranked.order.places.length === 0 || ranked.similar;
  const isWord = (word, own) => own === word || (word.length >= PREFIX_FROM && own.startsWith(word));
  const isNamed = ({ words }) =>
    joined === words.join("") ||
    (typed.length > 0 && typed.every((word, number) => word === words[number])) ||
    (isMissed && (joined.startsWith(words.join("")) || typed.every((word) => words.some((own) => isWord(word, own)))));
  const gone = isMissed ? withdrawn(source.search(), state.q) : [];
  return [
    ...gone.map(([slug, name]) => ({ text: `${name}, which was withdrawn (the page says why)`, href: pageAt(`software/${slug}/`) })),
    ...facilities.filter(isNamed).map(({ name, href }) => ({ text: `the facility ${name}`, href })),
  ];
};

// What can be done where the answer is empty.
const nothingFound = (found, columns, ranked) => {
  const hidden = found === null || found.length > 0; // there is something, and the filters hide it
  const asked = state.q.trim();
  const chosen = chosenIds();
  const several = chosenValues(state).length > 1;
  return {
    hidden,
    total: found ? found.length : source.total,
    drops: several ? gains(source.total, found, columns, chosen, state.maybe).filter(([, , count]) => count > 0) : [],
    each: ranked ? alone(source.search(), asked) : [],
    near: ranked && !hidden ? nearestNames(source.search(), asked).map(source.entry) : [],
  };
};

// `ranked` is null where the list is not that of a query: none was asked, it has no word, or the index failed.
const show = (view) => {
  const { ranked, nothing } = view;
  showList(view);
  if (pager) pager.hidden = view.page !== source.standing;
  showFacets(view);
  const chosen = chosenValues(state);
  showChips(chosen);
  by("sort").value = state.sort;
  by("nothing").hidden = nothing === null;
  if (nothing) showNothing(nothing, chosen);
  showElsewhere(view.elsewhere ?? [], nothing);
  const total = source.total;
  const shown = view.count ?? total;
  by("show-results").textContent = `Show ${plural(shown)}`;
  document.dispatchEvent(new Event("answered"));
  const asked = state.q.trim();
  document.title = asked ? `${asked} · ${title}` : title;
  const some = chosen.length && view.count !== null ? `${shown} of ${plural(total)}` : plural(total);
  if (failure && (asked || view.count === null)) announce(`${some}, not searched`);
  else if (!asked) announce(chosen.length ? some : everything);
  else if (ranked === null) announce(`${some}: ${quoted(asked)} has no letter or digit to search for`);
  else {
    const said = [`${shown} of ${plural(total)} for ${quoted(asked)}`];
    if (ranked.similar && shown) said.push("by similar spelling");
    if (ranked.left.length && shown) said.push(`without ${ranked.left.map(quoted).join(", ")}`);
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
  by("failed-list").hidden = false;
  by("failed-text").textContent = FAILURES[kind] ?? "";
  by("reload").hidden = !OUTDATED.has(kind);
};
// The answer is there without its counts.
const failToCount = (kind) => {
  by("failed").hidden = false;
  by("failed-list").hidden = true;
  by("failed-text").textContent = "The counts of the filters could not be loaded.";
  by("reload").hidden = !OUTDATED.has(kind);
};

// After a failure the list is filtered without the words, until the reader tries again.
const update = async (again = false) => {
  const mine = ++turn;
  const searched = failure === null || again || !state.q.trim();
  const late = setTimeout(() => mine === turn && announce("Loading the search index …"), PATIENCE);
  try {
    let view = there(() => composed(searched), () => mine === turn, again);
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
    const view = await there(() => composed(searched), () => mine === turn, again);
    if (mine === turn) showFacets(view);
  } catch (error) {
    if (!(error instanceof IndexFailure)) throw error;
    if (mine === turn && failure === null) failToCount(error.kind);
  }
  if (mine === turn) filters.removeAttribute("data-counting");
};

// What can be shown of the state with what is there.
const withoutWords = () => {
  source.parts.begin();
  try {
    return composed(false);
  } catch (error) {
    if (!(error instanceof Lacking)) throw error;
    return untouched();
  }
};

// ---- what the reader does

// Where the reader is on the page, kept with each state: Back brings it again.
const focusName = () => {
  const card = document.activeElement?.closest(".card");
  return card ? `card ${card.dataset.slug}` : (document.activeElement?.id ?? "");
};
// The first card in the window and where it begins there: how high those are that nobody saw is only guessed.
const firstSeen = () => {
  if (scrollY === 0) return null;
  for (const card of list.querySelectorAll(":scope > .card:not([hidden])")) {
    const { top, bottom } = card.getBoundingClientRect();
    if (bottom > 0) return { slug: card.dataset.slug, top };
  }
  return null;
};
const whereabouts = () => ({ scroll: scrollY, seen: firstSeen(), focus: focusName(), limit });
let writing = 0;
const writeAddress = (how) => {
  clearTimeout(writing);
  history[how](whereabouts(), "", `${location.pathname}${write(state)}`);
};
const keep = () => writeAddress("replaceState");
// Whereabouts are kept where the reader stops, and the address stays as it is.
let noting = 0;
const noteSoon = () => {
  clearTimeout(noting);
  noting = setTimeout(() => history.replaceState(whereabouts(), ""), ADDRESS_PAUSE);
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
  const needed = there(source.prepare, () => true);
  if (needed instanceof Promise) needed.catch(() => {}); // said when something is typed
};
const prepareAtLeisure = () => {
  prepare();
  for (const facet of facets) if (isCounted(facet)) shownChoices(facet, null);
};
box.addEventListener("focus", prepare, { once: true });
if (isFar) addEventListener("load", () => globalThis.requestIdleCallback?.(prepareAtLeisure), { once: true });
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
if (isFar) {
  for (const element of [panel, ...facets.map((facet) => facet.element)]) {
    element.addEventListener("toggle", () => element.open && !isUntouched() && update());
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
  await finish();
  [...visible][next]?.link.focus();
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
    if (found) known(facet, found);
    return !found;
  });
  source.parts.settle();
  return unknown;
};

const shownAs = (slug) => [...visible].find((entry) => entry.slug === slug);
const restore = async () => {
  const mine = ++turn;
  clearTimeout(writing);
  clearTimeout(noting);
  const { scroll, seen, focus, limit: kept } = history.state ?? {};
  state = read(location.search, keys);
  box.value = state.q;
  let unknown = [];
  try {
    unknown = there(unknownValues, () => mine === turn);
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
  limit = kept ?? SHOWN_AT_ONCE;
  for (const facet of facets) if (state.chosen.get(facet.key).size) facet.element.open = true;
  // Nearly all readers come to the list as it stands: nothing is counted or written for it.
  if (isAsItCame && isUntouched()) showList(untouched());
  else await update();
  isAsItCame = false;
  await finish();
  if (typeof focus === "string" && focus) {
    const [kind, slug] = focus.split(" ");
    const target = kind === "card" ? shownAs(slug)?.link : by(focus);
    target?.focus({ preventScroll: true });
  }
  if (typeof scroll !== "number") return;
  if (scroll > 0) list.classList.add("is-whole");
  scrollTo(0, scroll);
  const first = seen && shownAs(seen.slug)?.card;
  if (first) scrollBy(0, first.getBoundingClientRect().top - seen.top);
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
