// The rest of a list of some hundreds, from the pages that it goes on with, once the reader searches or filters: the front page
// has only the first part. (Of a list of thousands nothing is fetched whole: see list_far.js.) What comes are pages of this site, read as documents; their elements are taken over as they are.

import { choice } from "./choice.js";
import { page } from "./parts.js";

const AT_ONCE = 4;

const pages = async (addresses) => {
  const found = [];
  for (let start = 0; start < addresses.length; start += AT_ONCE) {
    found.push(...(await Promise.all(addresses.slice(start, start + AT_ONCE).map((address) => page(address)))));
  }
  return found;
};

const addresses = (text) => (text ?? "").split(" ").filter(Boolean);

// Resolves when the reader first touches something that needs the whole list, or has done so before this script came.
const touched = (parts) =>
  new Promise((resolve) => {
    if (parts.some((part) => part.contains(document.activeElement))) resolve();
    for (const part of parts) for (const kind of ["focusin", "pointerdown"]) part.addEventListener(kind, resolve, { once: true });
  });

const fillFacet = async (facet) => {
  const here = new Set([...facet.querySelectorAll("[data-value]")].map((each) => each.dataset.value));
  const like = facet.querySelector(".choice[data-value]");
  const end = facet.querySelector(".facet-hint");
  for (const each of await pages(addresses(facet.dataset.values))) {
    for (const line of each.querySelectorAll(".values > li")) {
      if (here.has(line.dataset.value)) continue;
      const text = line.querySelector("a").textContent;
      end.before(choice(like, { value: line.dataset.value, text, count: Number.parseInt(line.querySelector(".count").textContent, 10) }));
    }
  }
};

// Resolves when all entries and all values are there; rejects where a page of them does not come.
export const whole = async ({ list, form, filters, sort, say }) => {
  if (!location.search) await touched([form, filters, sort]);
  say("Loading the whole list …");
  const facets = [...filters.querySelectorAll("[data-values]")];
  const [others] = await Promise.all([pages(addresses(list.dataset.more)), ...facets.map(fillFacet)]);
  for (const other of others) {
    // Their addresses are relative to where they stood.
    for (const link of other.querySelectorAll("#cards [href]")) link.setAttribute("href", link.href);
    list.append(...other.querySelectorAll("#cards > li"));
  }
  delete list.dataset.more;
  document.querySelector(".pager")?.remove();
  document.dispatchEvent(new Event("cards"));
};
