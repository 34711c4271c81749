// The page of a facility: checks whether it can be reached now, when the reader asks; and lets the reader choose it.

import { remember, remembered } from "./remembered.js";

const WAIT = 10_000; // milliseconds

for (const button of document.querySelectorAll("[data-ask]")) {
  const now = document.getElementById("now");
  button.addEventListener("click", async () => {
    now.textContent = now.dataset.wait;
    try {
      const answer = await fetch(button.dataset.ask, {
        credentials: "omit",
        referrerPolicy: "no-referrer",
        cache: "no-store",
        signal: AbortSignal.timeout(WAIT),
      });
      const told = answer.ok ? await answer.json().catch(() => null) : null;
      now.textContent = told === null ? now.dataset.odd : now.dataset.yes;
    } catch {
      now.textContent = now.dataset.no;
    }
  });
}

for (const button of document.querySelectorAll("[data-choose]")) {
  const slug = button.dataset.choose;
  const said = document.getElementById("chosen");
  const isChosen = () => remembered().facility === slug;
  const show = () => button.setAttribute("aria-pressed", String(isChosen()));
  button.addEventListener("click", () => {
    remember(isChosen() ? {} : { facility: slug });
    show();
    said.textContent = isChosen() ? said.dataset.yes : said.dataset.no;
  });
  show();
  // The browser may keep this page while another one is open, on which the reader chooses something else.
  addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) return;
    show();
    said.textContent = "";
  });
}
