// Buttons that copy what stands on the page.

for (const button of document.querySelectorAll("[data-copy]")) {
  const said = document.getElementById("copied");
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(source.textContent);
      said.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(source);
      said.textContent = "Selected: copy it now";
    }
    setTimeout(() => {
      said.textContent = "";
    }, 2500);
  });
}
