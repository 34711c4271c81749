// The front page says so if its search does not start, because one of the modules of home.js did not load. Without this, the page
// would show all entries as the answer to whatever its URL asks. It imports nothing, so no other module can take it down.

const by = (id) => document.getElementById(id);

// What was typed and chosen without the search goes into the URL, from which the page starts.
export const keepChoices = () => {
  const parameters = new URLSearchParams(location.search);
  if (by("q").value) parameters.set("q", by("q").value);
  for (const { name, value } of by("filters").querySelectorAll("input:checked")) {
    if (!parameters.getAll(name).includes(value)) parameters.append(name, value);
  }
  if (by("sort").selectedIndex > 0) parameters.set("sort", by("sort").value);
  const text = parameters.toString();
  if (text) history.replaceState(history.state, "", `${location.pathname}?${text}`);
};

// A browser fires `load` only after the module scripts of a page have run, however long they take to load.
addEventListener("load", () => {
  if ("started" in by("search").dataset) return;
  by("q").value ||= new URLSearchParams(location.search).get("q") ?? ""; // what has been typed meanwhile stays
  by("failed-text").textContent = "The search could not be started: a script did not load.";
  by("failed-list").hidden = "more" in by("cards").dataset; // the list is not complete then
  by("retry").hidden = true;
  by("reload").hidden = false;
  by("reload").addEventListener("click", () => {
    keepChoices();
    location.reload();
  });
  by("failed").hidden = false;
});
