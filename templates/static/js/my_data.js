// A reader's own data: keeps the field, the first line of the cell and the URL of the page in step.

const MOST = 2000; // letters
const DOI = /^(?:(?:https?:\/\/)?(?:dx\.|www\.)?doi\.org\/|doi:\s*)?(10\.\d.*)$/i;
// Characters that need no escaping in strings of any language. A few DOIs have others; those are taken as the URL that they are in,
// or can be typed into the cell.
const PLAIN = /^10\.\d{4,9}(?:\.\d+)*\/[!#-&(-[\]-_a-~]+$/;

const decoded = (text) => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // it has a % of its own
  }
};

// The DOI or https URL of a file that a reader typed, in plain ASCII; null if it is neither.
export const dataAddress = (text) => {
  const given = text.trim();
  if (given.length > MOST) return null;
  const doi = decoded(DOI.exec(given)?.[1].replace(/[.,;]+$/, "") ?? ""); // a sentence may have ended with it
  if (PLAIN.test(doi)) return doi;
  try {
    const url = new URL(given);
    url.hash = "";
    const isNamed = /\.[a-z][a-z0-9-]+$/.test(url.hostname); // no IP address, no `localhost`
    return url.protocol === "https:" && isNamed && !url.username && !url.password && /^[!-~]+$/.test(url.href) ? url.href : null;
  } catch {
    return null;
  }
};

// An ASCII text as a Python string literal: Python reads the escapes of JSON the same way.
export const pythonString = (text) => JSON.stringify(text);

const part = (name) => document.getElementById(name);
const field = part("my-data-field");
const [value, said, link] = ["my-data-value", "my-data-said", "to-my-data"].map(part);
const [placeholder, invitation] = [value, link].map((each) => each.textContent);

const follow = (isDone) => {
  const data = dataAddress(field.value);
  const isWrong = isDone && !data && field.value.trim() !== "";
  value.textContent = data ? pythonString(data) : placeholder;
  link.textContent = data ? `The cell for ${data}` : invitation;
  said.textContent = isWrong
    ? "This is neither a DOI, such as 10.5281/zenodo.1234567, nor an https address, so it is not in the cell."
    : isDone && data
      ? `The cell names ${data}, and so does the address of this page.`
      : "";
  if (isWrong) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
  if (!isDone) return;
  const here = new URL(location.href);
  if (data) here.searchParams.set("data", data);
  else here.searchParams.delete("data");
  history.replaceState(history.state, "", here);
};

field.addEventListener("input", (event) => follow(event.inputType === "insertFromPaste"));
field.addEventListener("change", () => follow(true));
field.form.addEventListener("submit", (event) => {
  event.preventDefault();
  follow(true);
});

const unfold = () => {
  field.closest("details").open = true;
};
link.addEventListener("click", unfold);
if (location.hash === link.hash) unfold();

const asked = new URLSearchParams(location.search).get("data");
if (asked !== null) {
  field.value = asked.slice(0, MOST + 1);
  unfold();
  follow(true);
}
