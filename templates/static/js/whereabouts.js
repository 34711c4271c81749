// Scroll position and focus, saved with each entry of the history, so that Back restores them.

import { by } from "./dom.js";

const focusName = () => {
  const card = document.activeElement?.closest(".card");
  return card ? `card ${card.dataset.slug}` : (document.activeElement?.id ?? "");
};
// The first card in the window, and its offset: the heights of cards that were never laid out are only estimated.
const firstSeen = (list) => {
  if (scrollY === 0) return null;
  for (const card of list.querySelectorAll(":scope > .card:not([hidden])")) {
    const { top, bottom } = card.getBoundingClientRect();
    if (bottom > 0) return { slug: card.dataset.slug, top };
  }
  return null;
};
export const whereabouts = (list) => ({ scroll: scrollY, seen: firstSeen(list), focus: focusName() });

// Restores both, when the list is as it was; `shownAs` returns the entry with a slug, if it is shown.
export const restorePosition = (list, { scroll, seen, focus }, shownAs) => {
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
