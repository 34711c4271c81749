// Texts in localStorage, by name. If storage is disabled or full, nothing is kept.

export const stored = (name) => {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
};

// null removes it.
export const store = (name, words) => {
  try {
    if (words === null) localStorage.removeItem(name);
    else localStorage.setItem(name, words);
  } catch {
    // nothing to do: see above
  }
};
