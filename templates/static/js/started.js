// The front page says so if its search does not start, because one of the modules of home.js did not load. Without this, the page
// would show all entries as the answer to whatever its URL asks. It imports nothing, so no other module can take it down.

const by = (id) => document.getElementById(id);

// A browser fires `load` only after the module scripts of a page have run, however long they take to load.
addEventListener("load", () => {
  if ("started" in by("search").dataset) return;
  by("q").value ||= new URLSearchParams(location.search).get("q") ?? ""; // what has been typed meanwhile stays
  by("failed-text").textContent = "The search could not be started: a script did not load.";
  by("failed-list").hidden = "more" in by("cards").dataset; // the list is not complete then
  by("retry").hidden = true;
  by("reload").hidden = false;
  by("reload").addEventListener("click", () => location.reload());
  by("failed").hidden = false;
});
