// What the front page says besides the list: the chosen filters, other pages that match, an empty answer, failures.

import { by, make, spelt } from "./dom.js";

// A query in quotation marks. Text from right to left, or with characters that change the direction, is isolated.
const TURNS = /[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc]/u;
const QUOTED_AT_MOST = 80; // code points; the field and the URL have the whole query
export const shortened = (text, most = QUOTED_AT_MOST) => {
  const letters = [...text];
  return letters.length > most ? `${letters.slice(0, most - 1).join("").trimEnd()}…` : text;
};
export const quoted = (text, most = QUOTED_AT_MOST) => {
  const short = shortened(text, most);
  return TURNS.test(short) ? `“\u2068${short}\u2069”` : `“${short}”`;
};
// As in the pages: `1 entry`, `1,200 entries`.
export const plural = (n) => `${spelt(n)} ${n === 1 ? "entry" : "entries"}`;

const line = (id, items) => {
  by(id).hidden = items.length === 0;
  by(id).querySelector("ul").replaceChildren(...items.map((item) => make("li", {}, ...[item].flat())));
};

// Calls `then` when a link is followed in this tab.
export const inPlace = (link, then) => {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // opens another tab or window
    event.preventDefault();
    then();
  });
  return link;
};
// A link to another state of this page: `text`, its `href`, and `then`, which leads there without loading the page again.
const stepLink = ({ text, href, then }) => inPlace(make("a", { href, textContent: text, dir: "auto" }), then);

// The chosen filters, { text, drop } each, as buttons that remove them by calling `drop`. The focus goes to the next one.
export const showChips = (chosen) => {
  const chips = chosen.map(({ text, drop }) => {
    const button = make("button", { type: "button", className: "chip" }, make("span", { textContent: text, dir: "auto" }));
    button.append(make("span", { className: "chip-x", textContent: "×", ariaHidden: "true" }));
    button.setAttribute("aria-label", `Remove the filter ${text}`);
    button.addEventListener("click", () => {
      const place = [...by("chips").children].indexOf(button.parentElement);
      drop();
      const next = by("chips").children[Math.min(place, by("chips").children.length - 1)];
      (next?.querySelector("button") ?? by("results-title")).focus();
    });
    return make("li", {}, button);
  });
  by("chips").replaceChildren(...chips);
  by("chosen").hidden = chosen.length === 0;
  by("filter-count").textContent = chosen.length ? `${chosen.length} chosen` : "";
};

// Links to other pages, { text, href } each, some with a `step` to what launches there. If nothing is found, they are in that note,
// which is what a screen reader reads then.
export const showElsewhere = (pages, isNothing) => {
  const links = pages.map(({ text, href, step }) => {
    const link = make("a", { href, textContent: text, dir: "auto" });
    return step ? [link, " · ", stepLink(step)] : [link];
  });
  line("elsewhere", isNothing ? [] : links);
  line("nothing-elsewhere", isNothing ? links : []);
};

// The note on an empty answer to the query `asked`. `hidden` is whether filters hide results, `steps` lead to states of the page
// that show something, `near` are entries with similar names.
export const showNothing = ({ asked, hidden, steps, near }) => {
  by("nothing-text").textContent = !asked
    ? "Nothing matches these filters."
    : hidden
      ? `Nothing matches ${quoted(asked)} with these filters.`
      : `Nothing found for ${quoted(asked)}.`;
  line("nothing-instead", steps.map(stepLink));
  line(
    "nothing-near",
    near.map(({ link, card }) => make("a", { href: link.href, textContent: card.dataset.name, dir: "auto" })),
  );
};

// The link to report what is missing, with the query and the texts of the chosen filters filled in.
export const fillWish = (asked, chosen) => {
  const wish = by("wish");
  const address = new URL(wish.dataset.href);
  const short = shortened(asked, 200);
  if (wish.dataset.title) address.searchParams.set(wish.dataset.title, `Missing from the catalogue: ${short || "…"}`);
  if (wish.dataset.text) {
    const text = `I searched for “${short}” and found nothing.\n\nWhat I expected to find (name, address):\n\n`;
    const filters = chosen.length ? `Filters: ${chosen.join("; ")}\n` : "";
    address.searchParams.set(wish.dataset.text, `${text}${filters}${location.href.slice(0, 500)}`);
  }
  // Mail programs do not decode `+` as a blank.
  wish.href = address.protocol === "mailto:" ? address.href.replaceAll("+", "%20") : address.href;
};

const FAILURES = {
  fetch: "The search index could not be loaded.",
  gone: "This page is older than the catalogue, whose search index has changed.",
  cut: "The search index did not arrive whole.",
  build: "The search index is of another build of this site.",
};
// Reloading the page helps against these; the URL keeps query and filters.
const OUTDATED = new Set(["gone", "build"]);

// The message for a kind of IndexFailure; null hides it.
export const showFailure = (kind) => {
  by("failed").hidden = kind === null;
  by("failed-list").hidden = false;
  by("failed-text").textContent = FAILURES[kind] ?? "";
  by("reload").hidden = !OUTDATED.has(kind);
};
// The answer is shown, but the counts of the filters are missing.
export const showMissingCounts = (kind) => {
  by("failed").hidden = false;
  by("failed-list").hidden = true;
  by("failed-text").textContent = "The counts of the filters could not be loaded.";
  by("reload").hidden = !OUTDATED.has(kind);
};
// The rest of the list could not be fetched: it cannot be searched.
export const showMissingList = () => {
  by("failed").hidden = false;
  by("failed-text").textContent = "The whole list could not be loaded, so it cannot be searched.";
  by("failed-list").textContent = "It goes on from page to page.";
  by("reload").hidden = false;
  by("retry").hidden = true;
  by("reload").addEventListener("click", () => location.reload());
};
