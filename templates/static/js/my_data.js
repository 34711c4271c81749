// A reader's own data: the field, the first line of the cell and the address of the page say the same.

const MOST = 2000; // letters
const DOI = /^(?:(?:https?:\/\/)?(?:dx\.|www\.)?doi\.org\/|doi:\s*)?(10\.\d.*)$/i;
// Letters that the strings of no language mind. A few DOIs have others, and can be written into the cell by hand.
const PLAIN = /^10\.\d{4,9}(?:\.\d+)*\/[!#-&(-[\]-_a-~]+$/;

// What a reader typed as a DOI or the https address of a file, in plain ASCII; null where it is neither.
export const dataAddress = (text) => {
  const given = text.trim();
  if (given.length > MOST) return null;
  const doi = DOI.exec(given)?.[1].replace(/[.,;]+$/, ""); // a sentence may have ended with it
  if (doi) return PLAIN.test(doi) ? doi : null;
  try {
    const url = new URL(given);
    url.hash = "";
    const isNamed = /\.[a-z][a-z0-9-]+$/.test(url.hostname); // and not a number of this network
    return url.protocol === "https:" && isNamed && !url.username && !url.password && /^[!-~]+$/.test(url.href) ? url.href : null;
  } catch {
    return null;
  }
};

// A text of ASCII as a string of Python: what JSON escapes, Python reads the same.
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
