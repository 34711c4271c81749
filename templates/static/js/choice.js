// The choice of a facet's value, like those that are there.
export const choice = (like, { value, text, count }) => {
  const label = like.cloneNode(true);
  label.dataset.value = value;
  label.hidden = true;
  Object.assign(label.querySelector("input"), { value, checked: false });
  label.querySelector("[dir=auto]").textContent = text;
  label.querySelector(".doubt")?.remove(); // of the other one
  label.querySelector(".count").textContent = count;
  return label;
};
