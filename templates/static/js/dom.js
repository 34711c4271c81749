// Short words for what the scripts of the front page do with elements.

export const by = (id) => document.getElementById(id);

export const make = (name, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};
