// Buttons that copy a text: their own, or that of an element of the page.

const said = document.getElementById("copied");
const field = document.getElementById("copy-field");

for (const button of document.querySelectorAll("[data-copy], [data-copy-of]")) {
  button.addEventListener("click", async () => {
    const shown = document.getElementById(button.dataset.copyOf);
    try {
      await navigator.clipboard.writeText(shown ? shown.textContent : button.dataset.copy);
      if (field) field.hidden = true;
      said.textContent = button.dataset.done;
      setTimeout(() => {
        said.textContent = "";
      }, 4000);
    } catch {
      if (shown) {
        getSelection().selectAllChildren(shown);
      } else {
        field.value = button.dataset.copy;
        field.hidden = false;
        field.select();
      }
      said.textContent = shown ? "Selected: copy it now" : "Selected below: copy it now";
    }
  });
}
