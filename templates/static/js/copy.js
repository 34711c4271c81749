// Buttons that copy a text: their own, or that of an element of the page. The result is shown over the page next to the button, so
// that nothing moves, and announced once.

const SHOWN_FOR = 4000; // ms
const said = document.getElementById("copied");
const field = document.getElementById("copy-field");
const label = document.createElement("span");
label.ariaHidden = "true"; // else it would be part of the button's name
let shown = 0;

const say = (button, text) => {
  clearTimeout(shown);
  label.textContent = text;
  label.className = "copy-said";
  button.append(label);
  label.classList.toggle("is-above", label.getBoundingClientRect().bottom > innerHeight);
  said.textContent = text;
  shown = setTimeout(() => {
    label.remove();
    said.textContent = "";
  }, SHOWN_FOR);
};

for (const button of document.querySelectorAll("[data-copy], [data-copy-of]")) {
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copyOf);
    try {
      await navigator.clipboard.writeText(source ? source.textContent : button.dataset.copy);
      if (field) field.hidden = true;
      say(button, button.dataset.done);
    } catch {
      if (source) {
        getSelection().selectAllChildren(source);
        say(button, "Selected: copy it now");
      } else {
        button.parentElement.after(field);
        field.value = button.dataset.copy;
        field.hidden = false;
        field.select();
        say(button, "Selected below: copy it now");
      }
    }
  });
}
