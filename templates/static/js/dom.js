// Short words for what the scripts of the front page do with elements, and with what stands in them.

export const by = (id) => document.getElementById(id);

export const make = (name, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};

// What an attribute lists, separated by blanks.
export const listed = (text) => (text ?? "").split(" ").filter(Boolean);

// A number as the pages have it: `1,200`.
export const spelt = (number) => number.toLocaleString("en");
