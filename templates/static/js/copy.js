// Buttons that copy a text.

const said = document.getElementById("copied");
const field = document.getElementById("copy-field");

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      field.hidden = true;
      said.textContent = button.dataset.done;
      setTimeout(() => {
        said.textContent = "";
      }, 4000);
    } catch {
      field.value = button.dataset.copy;
      field.hidden = false;
      field.select();
      said.textContent = "Selected below: copy it now";
    }
  });
}
