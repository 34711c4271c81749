// The filter of the curation board. All rows are in the page; this shows those of one kind that contain some words.

import { fold } from "./words.js";

const form = document.getElementById("board-filter");
const kind = document.getElementById("board-kind");
const words = document.getElementById("board-words");
const said = document.getElementById("board-said");
const sections = [...document.querySelectorAll("[data-kind]")];

const narrow = () => {
  const wanted = fold(words.value).split(/\s+/).filter(Boolean);
  let shown = 0;
  let all = 0;
  for (const section of sections) {
    let here = 0;
    for (const row of section.querySelectorAll("tbody tr")) {
      const text = fold(row.textContent);
      row.hidden = !wanted.every((word) => text.includes(word));
      here += row.hidden ? 0 : 1;
      all += 1;
    }
    section.hidden = (kind.value !== "" && kind.value !== section.dataset.kind) || here === 0;
    section.querySelector("[data-count]").textContent = here;
    shown += section.hidden ? 0 : here;
  }
  said.textContent = shown === all ? "" : `${shown} of ${all} findings`;
};

// A URL with the id of a kind leads to that kind, whatever was chosen before.
const follow = () => {
  const section = sections.find((each) => `#${each.id}` === location.hash);
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
addEventListener("hashchange", follow);
narrow();
