// The checkbox of a facet's value, cloned from an existing one.
export const choice = (like, { value, text, count }) => {
  const label = like.cloneNode(true);
  label.dataset.value = value;
  label.hidden = true;
  Object.assign(label.querySelector("input"), { value, checked: false });
  label.querySelector("[dir=auto]").textContent = text;
  label.querySelector(".doubt")?.remove(); // it is about the cloned value
  label.querySelector(".count").textContent = count;
  return label;
};
