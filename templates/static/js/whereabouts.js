// Where the reader is on the page, kept with each state of the history: Back brings it again.

import { by } from "./dom.js";

const focusName = () => {
  const card = document.activeElement?.closest(".card");
  return card ? `card ${card.dataset.slug}` : (document.activeElement?.id ?? "");
};
// The first card in the window and where it begins there: how high those are that nobody saw is only guessed.
const firstSeen = (list) => {
  if (scrollY === 0) return null;
  for (const card of list.querySelectorAll(":scope > .card:not([hidden])")) {
    const { top, bottom } = card.getBoundingClientRect();
    if (bottom > 0) return { slug: card.dataset.slug, top };
  }
  return null;
};
export const whereabouts = (list) => ({ scroll: scrollY, seen: firstSeen(list), focus: focusName() });

// Goes back to where the reader was, when the list is as it was; `shownAs` gives the entry of a slug that is shown.
export const goBack = (list, { scroll, seen, focus }, shownAs) => {
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
