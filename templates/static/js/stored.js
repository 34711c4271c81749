// Words kept in this browser by name. Storage may be switched off, or full: then nothing is kept.

export const stored = (name) => {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
};

// null takes them away.
export const store = (name, words) => {
  try {
    if (words === null) localStorage.removeItem(name);
    else localStorage.setItem(name, words);
  } catch {
    // nothing to do: see above
  }
};
