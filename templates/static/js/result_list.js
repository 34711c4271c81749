// The list of results: which cards are shown, in which order, with the matches marked. The first few cards are shown in the frame of
// the keystroke, the rest of the page of results in the next: to lay out all fifty would delay the keystroke.

import { make } from "./dom.js";
import { IndexFailure, withParts } from "./parts.js";
import { tierOf } from "./rank.js";
import { cutUp, marks, matchedTerms, reasons } from "./why.js";
import { singular, tokens } from "./words.js";

// `source` is the list with its search, `facets` are those of the page. `shown` is called when cards have been shown, `failed` with
// the kind of an IndexFailure if the rest could not be.
export const resultList = ({ list, source, facets, shown, failed }) => {
  let visible = new Set(source.standing); // entries
  let marked = new Set();
  let rest = null; // the part of an answer that is not yet shown

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

  // Shows these entries, in this order, before the card `place`. Only cards that are not in place are moved; the order of hidden
  // ones does not matter. Returns the card after them.
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
    shown();
    return next;
  };

  // Shows the rest of the answer.
  const finish = async () => {
    cancelAnimationFrame(rest?.frame);
    await rest?.complete();
  };

  const showLater = (others, ranked, next) => {
    list.setAttribute("aria-busy", "true");
    const mine = {
      complete: async () => {
        const entriesThere = () => {
          const found = others.map(source.entry);
          source.parts.requireAll();
          return found;
        };
        try {
          let found = withParts(source.parts, entriesThere, () => rest === mine);
          if (found instanceof Promise) found = await found;
          if (rest !== mine) return;
          put(found, ranked, next);
        } catch (error) {
          if (rest !== mine) return;
          if (!(error instanceof IndexFailure)) throw error;
          failed(error.kind);
        }
        rest = null;
        list.removeAttribute("aria-busy");
      },
    };
    rest = mine;
    // After the frame that paints the first ones.
    mine.frame = requestAnimationFrame(() => setTimeout(() => rest === mine && finish()));
  };

  return {
    finish,
    // The entries that are shown, in order.
    entries: () => [...visible],
    // `page` are the first entries of an answer, `others` the places of the following ones.
    show: ({ page, others, ranked }) => {
      cancelAnimationFrame(rest?.frame);
      rest = null;
      const now = new Set(page);
      source.hide([...visible].filter((entry) => !now.has(entry)));
      for (const entry of marked) unmark(entry);
      marked = new Set();
      visible = new Set();
      list.classList.remove("is-whole");
      const next = put(page, ranked, list.firstElementChild);
      if (others.length) showLater(others, ranked, next);
      else list.removeAttribute("aria-busy");
    },
  };
};

// The entry that Enter opens: the only one found, or the only one with that name; null if a spelling was guessed or a word was left
// out.
export const certain = ({ ranked, page, count }) => {
  if (!ranked || ranked.similar || ranked.left.length) return null;
  const [first, second] = page.map(({ place }) => tierOf(ranked, place) === 0);
  return count === 1 || (first && !second) ? page[0] : null;
};
