// The rest of a list of some hundred entries. The front page has only its first part; when the reader searches or filters, the
// other pages of the list are fetched, parsed as documents, and their elements are moved into this page. (A list of thousands is
// never fetched whole: see remote_list.js.)

import { choice } from "./choice.js";
import { listed } from "./dom.js";
import { IndexFailure, page } from "./parts.js";

const AT_ONCE = 4;

const pages = async (addresses) => {
  const found = [];
  for (let start = 0; start < addresses.length; start += AT_ONCE) {
    found.push(...(await Promise.all(addresses.slice(start, start + AT_ONCE).map((address) => page(address)))));
  }
  return found;
};

// Resolves when the reader first uses something that needs the whole list, or has done so before this script was loaded.
const touched = (parts) =>
  new Promise((resolve) => {
    if (parts.some((part) => part.contains(document.activeElement))) resolve();
    for (const part of parts) for (const kind of ["focusin", "pointerdown"]) part.addEventListener(kind, resolve, { once: true });
  });

const fillFacet = async (facet) => {
  const here = new Set([...facet.querySelectorAll("[data-value]")].map((each) => each.dataset.value));
  const like = facet.querySelector(".choice[data-value]");
  const end = facet.querySelector(".facet-hint");
  for (const each of await pages(listed(facet.dataset.values))) {
    for (const line of each.querySelectorAll(".values li")) {
      if (here.has(line.dataset.value)) continue;
      const text = line.querySelector("a").textContent;
      end.before(choice(like, { value: line.dataset.value, text, count: Number.parseInt(line.querySelector(".count").textContent, 10) }));
    }
  }
};

// Whether these cards are all entries of one catalogue, each once, and the filters have all of their values. Pages of a site that
// has been rebuilt since this one was opened may lack entries, repeat them, or bring new values.
const isComplete = (cards, total, filters) => {
  if (cards.length !== total || new Set(cards.map((card) => card.dataset.slug)).size !== total) return false;
  return [...filters.querySelectorAll("[data-facet]")].every((facet) => {
    const known = new Set([...facet.querySelectorAll(".choice[data-value]")].map((each) => each.dataset.value));
    const names = [`data-${facet.dataset.facet}`, `data-maybe-${facet.dataset.facet}`];
    return cards.every((card) => names.every((name) => listed(card.getAttribute(name)).every((value) => known.has(value))));
  });
};

// Resolves when all entries, of which there are `total`, and all values are there. Rejects with an IndexFailure if one of the pages
// cannot be fetched or is not of this page's catalogue; the list stays as it is then.
export const whole = async ({ list, total, form, filters, sort, say }) => {
  if (!location.search) await touched([form, filters, sort]);
  say("Loading the whole list …");
  const facets = [...filters.querySelectorAll("[data-values]")];
  const [others] = await Promise.all([pages(listed(list.dataset.more)), ...facets.map(fillFacet)]);
  // Their links are relative to the page they come from.
  for (const other of others) for (const link of other.querySelectorAll("#cards [href]")) link.setAttribute("href", link.href);
  const cards = others.flatMap((other) => [...other.querySelectorAll("#cards > li")]);
  if (!isComplete([...list.children, ...cards], total, filters)) throw new IndexFailure("gone");
  list.append(...cards);
  delete list.dataset.more;
  document.querySelector(".pager")?.remove();
  document.dispatchEvent(new Event("cards"));
};
