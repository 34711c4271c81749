// On every page: Ctrl+K or ⌘+K and, unless switched off, `/` go to the search field. Single-key shortcuts get in the way of speech
// input, so there is a switch, and it is remembered (WCAG 2.1.4).

import { store, stored } from "./stored.js";

const field = document.getElementById("q") ?? document.getElementById("top-q");
const slash = document.getElementById("slash-key");
const NAME = "slash-key";

const isTyping = (target) => target instanceof Element && target.closest("input, textarea, select, [contenteditable]") !== null;

const recall = () => {
  const said = stored(NAME);
  if (said) slash.checked = said === "on";
};

recall();
addEventListener("pageshow", recall); // going back, a browser restores checkboxes, some of them after this script has run
slash.addEventListener("change", () => store(NAME, slash.checked ? "on" : "off"));

addEventListener("keydown", (event) => {
  const command = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k";
  const single = event.key === "/" && slash.checked && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target);
  if (!command && !single) return;
  event.preventDefault();
  field.focus();
  field.select();
});
