// The filter of the curation board: shows the findings of one kind that contain some words. Of a kind with very many, the page has
// the first ones; only these are searched, and the counts say so.

import { spelt } from "./dom.js";
import { fold } from "./words.js";

const form = document.getElementById("board-filter");
const kind = document.getElementById("board-kind");
const words = document.getElementById("board-words");
const said = document.getElementById("board-said");
const sections = [...document.querySelectorAll("[data-kind]")].map((element) => {
  const count = element.querySelector("[data-count]");
  const rows = [...element.querySelectorAll("tbody tr")].map((row) => ({ row, text: null }));
  return { element, count, rows, all: Number(count.dataset.count), told: count.textContent };
});
const everything = sections.reduce((sum, { all }) => sum + all, 0);

const narrow = () => {
  const wanted = fold(words.value).split(/\s+/).filter(Boolean);
  const isSearched = wanted.length > 0;
  let shown = 0;
  let searched = 0;
  for (const { element, count, rows, all, told } of sections) {
    let matching = 0;
    for (const each of rows) {
      if (isSearched) each.text ??= fold(each.row.textContent);
      each.row.hidden = !wanted.every((word) => each.text.includes(word));
      matching += each.row.hidden ? 0 : 1;
    }
    const here = isSearched ? matching : all;
    element.hidden = (kind.value !== "" && kind.value !== element.dataset.kind) || here === 0;
    count.textContent = isSearched ? `${spelt(here)}${rows.length < all ? " among those shown" : ""}` : told;
    shown += element.hidden ? 0 : here;
    searched += isSearched ? rows.length : all;
  }
  const among = searched < everything ? `among the ${spelt(searched)} findings shown here` : `of ${spelt(everything)} findings`;
  said.textContent = shown === everything ? "" : `${spelt(shown)} ${among}`;
};

// A URL with the id of a kind leads to that kind, whatever was chosen before. A link to the present URL changes nothing in it, so
// links are followed as well.
const follow = (hash) => {
  const section = sections.find(({ element }) => `#${element.id}` === hash)?.element;
  if (section?.hidden) {
    kind.value = "";
    words.value = "";
    narrow();
    section.scrollIntoView();
  }
};

form.addEventListener("submit", (event) => event.preventDefault());
kind.addEventListener("change", narrow);
words.addEventListener("input", narrow);
addEventListener("hashchange", () => follow(location.hash));
document.querySelector(".board-kinds").addEventListener("click", ({ target }) => follow(target.hash));
narrow();
