// The facility that the reader has chosen, kept in this browser: { facility } or { own: address } or {}.

import { hubAddress } from "./launch.js";

const KEY = "place";

export const remembered = () => {
  try {
    const { facility, own } = JSON.parse(localStorage.getItem(KEY)) ?? {};
    if (typeof own === "string" && hubAddress(own) === own) return { own };
    return typeof facility === "string" && /^[a-z0-9-]+$/.test(facility) ? { facility } : {};
  } catch {
    return {}; // no storage here, or something else in it
  }
};

export const remember = (place) => {
  try {
    if (place.facility || place.own) localStorage.setItem(KEY, JSON.stringify(place));
    else localStorage.removeItem(KEY);
  } catch {
    // without storage it lasts as long as the page
  }
};
