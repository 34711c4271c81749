// A facility's page: whether it can be reached now, asked only when the reader wants to know; and choosing it.

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
      if (!answer.ok) throw new Error(`answered ${answer.status}`);
      await answer.json();
      now.textContent = now.dataset.yes;
    } catch {
      now.textContent = now.dataset.no;
    }
  });
}

for (const button of document.querySelectorAll("[data-choose]")) {
  const slug = button.dataset.choose;
  const words = button.textContent;
  const show = () => {
    const chosen = remembered().facility === slug;
    button.textContent = chosen ? button.dataset.chosen : words;
    button.setAttribute("aria-pressed", String(chosen));
  };
  button.addEventListener("click", () => {
    remember(remembered().facility === slug ? {} : { facility: slug });
    show();
  });
  show();
}
