// The front page: words and filters narrow and order the list that is there. Nothing is drawn; foreign text is only moved.

import { counts, narrow } from "./narrow.js";
import { rank } from "./rank.js";
import { FACETS, read, write } from "./state.js";

const by = (id) => document.getElementById(id);
const form = by("search");
const box = by("q");
const filters = by("filters");
const list = by("cards");
const status = by("status");
const cards = [...list.children];
const entries = cards.map((card) => ({
  slug: card.dataset.slug,
  card,
  facets: new Map(FACETS.map((facet) => [facet, new Set((card.dataset[facet] ?? "").split(" ").filter(Boolean))])),
}));
const choices = [...filters.querySelectorAll("input[type=checkbox]")];
const known = new Map(FACETS.map((facet) => [facet, new Set(choices.filter((c) => c.name === facet).map((c) => c.value))]));

const names = new Map(entries.map((entry) => [entry.slug, entry.card.dataset.name]));

let state = read(location.search);
let search = null; // a promise of { lunr, index, tables }, once the box was used

const load = () => {
  search ??= (async () => {
    const [{ default: lunr }, answer] = await Promise.all([import("../vendor/lunr.js"), fetch(form.dataset.index)]);
    if (!answer.ok) throw new Error(`the index answered ${answer.status}`);
    const tables = await answer.json();
    return { lunr, tables, index: tables.index && lunr.Index.load(tables.index) };
  })();
  search.catch(() => {
    search = null;
  });
  return search;
};

let announced = 0;
const announce = (text) => {
  clearTimeout(announced);
  announced = setTimeout(() => {
    status.textContent = text;
  }, 150);
};

const everything = status.textContent;
const title = document.title;
const plural = (n) => (n === 1 ? "1 entry" : `${n} entries`);

const show = (answer) => {
  const found = answer?.order ?? null;
  const shown = narrow(entries, found, state.chosen);
  const order = new Map(entries.map((entry, place) => [entry, place]));
  if (found) {
    const better = ([tier, score], [otherTier, otherScore]) => tier - otherTier || otherScore - score;
    shown.sort((a, b) => better(found.get(a.slug), found.get(b.slug)) || order.get(a) - order.get(b));
  }
  const visible = new Set(shown);
  for (const entry of entries) entry.card.hidden = !visible.has(entry);
  list.append(...(found ? [...shown, ...entries.filter((entry) => !visible.has(entry))] : entries).map((entry) => entry.card));

  const tally = counts(entries, found, state.chosen);
  for (const choice of choices) {
    const count = tally.get(choice.name).get(choice.value) ?? 0;
    const label = choice.closest("label");
    label.querySelector(".count").textContent = count;
    label.classList.toggle("is-empty", count === 0);
    choice.checked = state.chosen.get(choice.name).has(choice.value);
  }
  const chosen = [...state.chosen.values()].reduce((sum, values) => sum + values.size, 0);
  by("clear").hidden = chosen === 0;
  by("filter-count").textContent = chosen ? `${chosen} chosen` : "";
  const asked = state.q.trim();
  const without = found ? found.size : entries.length;
  by("nothing").hidden = shown.length > 0;
  by("nothing-text").textContent = [
    asked && !chosen ? `Nothing found for “${asked}”.` : "",
    asked && chosen ? `Nothing matches “${asked}” with these filters.` : "",
    !asked && chosen ? "Nothing matches these filters." : "",
  ].join("");
  by("nothing-filters").hidden = chosen === 0 || without === 0;
  by("unfilter").textContent = `Search without the filters (${without})`;
  by("show-results").textContent = `Show ${plural(shown.length)}`;
  document.title = asked ? `${asked} · ${title}` : title;
  const words = asked ? ` for “${asked}”` : "";
  const guess = answer?.similar && shown.length ? ", by similar spelling" : "";
  announce(shown.length === entries.length && !words ? everything : `${shown.length} of ${plural(entries.length)}${words}${guess}`);
};

let turn = 0;
const update = async () => {
  const mine = ++turn;
  if (!state.q.trim()) {
    by("failed").hidden = true;
    show(null);
    return;
  }
  try {
    const { lunr, index, tables } = await load();
    if (mine !== turn) return; // a later key has been pressed
    by("failed").hidden = true;
    show(rank(lunr, index, state.q, tables, names));
  } catch {
    if (mine !== turn) return;
    by("failed").hidden = false;
    show(null);
  }
};

const remember = (how) => {
  history[how](null, "", `${location.pathname}${write(state)}`);
};

const ask = (q, how = "replaceState") => {
  state = { ...state, q };
  remember(how);
  update();
};

box.addEventListener("focus", () => load().catch(() => {}), { once: true });
box.addEventListener("input", () => ask(box.value));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  ask(box.value, "pushState");
  by("results-title").scrollIntoView();
});
filters.addEventListener("change", () => {
  state = {
    ...state,
    chosen: new Map(FACETS.map((facet) => [facet, new Set(choices.filter((c) => c.name === facet && c.checked).map((c) => c.value))])),
  };
  remember("pushState");
  update();
});
const unfilter = () => {
  state = { ...state, chosen: new Map(FACETS.map((facet) => [facet, new Set()])) };
  remember("pushState");
  update();
  by("results-title").focus();
};
filters.addEventListener("reset", (event) => {
  event.preventDefault();
  unfilter();
});
by("unfilter").addEventListener("click", unfilter);
by("forget").addEventListener("click", () => {
  state = read("");
  box.value = "";
  remember("pushState");
  update();
  box.focus();
});
by("retry").addEventListener("click", update);
for (const link of document.querySelectorAll("[data-example]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    box.value = link.dataset.example;
    ask(box.value, "pushState");
    box.focus();
  });
}

const restore = () => {
  state = read(location.search);
  // A value that the catalogue does not have would hide everything without a way to take it back.
  for (const [facet, values] of state.chosen) {
    for (const value of values) if (!known.get(facet).has(value)) values.delete(value);
  }
  box.value = state.q;
  update();
};
addEventListener("popstate", restore);

if (matchMedia("(max-width: 56rem)").matches) filters.closest("details").open = false;
restore();
