// The filters: which values of a facet are shown, with which counts. In a large catalogue only some values of a wide facet are in
// the page; the others are fetched when they are typed or chosen.

import { choice as labelLike } from "./choice.js";
import { spelt } from "./dom.js";
import { canBegin, isUnspaced, parts } from "./words.js";

const SUGGESTED_AT_MOST = 20;

// The facets of a form. The search knows a value by its `id`. Values are read from the page when they are first needed: there are
// hundreds, and most readers only look at the list.
export const readFacets = (form) =>
  [...form.querySelectorAll("[data-facet]")].map((element) => {
    const isWide = element.hasAttribute("data-wide");
    let choices = null;
    let known = null;
    return {
      key: element.dataset.facet,
      name: element.dataset.label,
      element,
      isWide,
      get choices() {
        choices ??= [...element.querySelectorAll(".choice[data-value]")].map((label, number) => ({
          label,
          input: label.querySelector("input"),
          count: label.querySelector(".count"),
          value: label.dataset.value,
          text: label.querySelector("[dir=auto]").textContent,
          total: label.querySelector(".count").textContent,
          shown: !label.hidden,
          id: isWide ? label.dataset.value : number,
        }));
        return choices;
      },
      set choices(others) {
        choices = others;
      },
      get known() {
        known ??= new Map(this.choices.map((choice) => [choice.value, choice]));
        return known;
      },
      find: element.querySelector(".facet-find"),
      hint: element.querySelector(".facet-hint"),
      chosen: element.querySelector(".facet-chosen"),
    };
  });

// Adds a value to the page that was `found` in a file.
export const adopt = (facet, found) => {
  if (!facet.known.has(found.value)) {
    const label = labelLike(facet.element.querySelector(".choice[data-value]"), { ...found, count: "" });
    const [input, count] = [label.querySelector("input"), label.querySelector(".count")];
    const total = String(found.where.length);
    const choice = { label, input, count, total, shown: false, isExtra: true, id: found.value, ...found };
    facet.hint.before(label);
    facet.known.set(found.value, choice);
    facet.choices.push(choice);
  }
  return facet.known.get(found.value);
};
// Removes those that are neither chosen nor shown any more.
const dropHidden = (facet) => {
  facet.choices = facet.choices.filter((choice) => {
    if (!choice.isExtra || !choice.label.hidden) return true;
    choice.label.remove();
    facet.known.delete(choice.value);
    return false;
  });
};

// The values that match what is typed into the field of a facet: { values: choices, left: how many more there are }; null if
// nothing is typed.
export const suggestions = (facet, source) => {
  const typed = parts(facet.find?.value ?? "");
  if (typed.length === 0) return null;
  if (facet.isWide) {
    const { values, left } = source.suggested(facet.key, typed, SUGGESTED_AT_MOST);
    return { values: values.map((found) => adopt(facet, found)), left };
  }
  const found = facet.choices.filter((choice) => {
    choice.words ??= parts(choice.text);
    return typed.every((word) => choice.words.some((own) => (isUnspaced(word) ? own.includes(word) : own.startsWith(word))));
  });
  return { values: found.slice(0, SUGGESTED_AT_MOST), left: Math.max(0, found.length - SUGGESTED_AT_MOST) };
};

// The choices of a facet that will be visible; `matching` are its suggestions, `chosen` the chosen values.
export const visibleChoices = (facet, matching, chosen) => [
  ...(matching?.values ?? []),
  ...facet.choices.filter((choice) => chosen.has(choice.value) || (!matching && choice.shown)),
];

// Shows the suggestions, or else the most frequent values, and the chosen ones.
const showChoices = (facet, matching, chosen) => {
  const typed = facet.find?.value ?? "";
  const now = `${typed} ${[...chosen]}`;
  if (facet.before === now) return; // there may be thousands
  facet.before = now;
  const wanted = matching && new Set(matching.values);
  facet.visible = [];
  for (const choice of facet.choices) {
    choice.input.checked = chosen.has(choice.value);
    choice.label.hidden = !(wanted ? wanted.has(choice) : choice.shown) && !choice.input.checked;
    if (!choice.label.hidden) facet.visible.push(choice);
  }
  if (facet.isWide) dropHidden(facet);
  if (facet.hint) {
    const { left, values } = matching ?? { left: 0, values: null };
    facet.hint.textContent = left ? `and ${spelt(left)} more: keep typing` : values?.length === 0 ? hintOf(facet, typed) : "";
  }
  facet.chosen.textContent = chosen.size ? `${chosen.size} chosen` : "";
};
const hintOf = (facet, typed) =>
  facet.isWide && !parts(typed).some(canBegin) ? "Keep typing" : "None found";

// Shows the facets. `chosen` are the chosen values by facet, `matching` the suggestions of each facet; `counted` returns the count of
// a value as text, null if it is not visible.
export const showFacets = (facets, chosen, { counted, matching }) => {
  facets.forEach((facet, number) => {
    showChoices(facet, matching[number], chosen.get(facet.key));
    for (const { label, count, id } of facet.visible) {
      const text = counted(number, id);
      if (text === null) continue;
      if (count.textContent !== text) count.textContent = text;
      label.classList.toggle("is-empty", text === "0");
    }
  });
};
