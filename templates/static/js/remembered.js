// The facility that the reader has chosen, kept in localStorage: { facility }, { own: URL of a BinderHub } or {}.

import { store, stored } from "./stored.js";

const KEY = "place";

// The path of a page of a BinderHub or of the JupyterHub behind it, as PAGES of catalogue/launch/ have them.
const PAGE =
  /\/(?:v2(?:\/.*)?|hub\/(?:admin|home|login|logout|signup|spawn|token)|hub\/(?:spawn|user)[^/]*\/.+|user(?:-redirect)?\/.+?)\/*$/i;

// The URL of a BinderHub from what a reader typed, ending with `/`; null if it is none.
export const hubAddress = (text) => {
  let url;
  try {
    url = new URL(text.includes("://") ? text.trim() : `https://${text.trim()}`);
  } catch {
    return null;
  }
  if (!["https:", "http:"].includes(url.protocol) || url.username || url.password) return null;
  if (!/^(?:[a-z0-9-]+\.)*[a-z0-9-]+$|^\[[0-9a-f:.]+\]$/.test(url.hostname)) return null;
  const path = url.pathname.replace(PAGE, "/");
  return `${url.origin}${path.endsWith("/") ? path : `${path}/`}`;
};

export const remembered = () => {
  try {
    const { facility, own } = JSON.parse(stored(KEY)) ?? {};
    if (typeof own === "string" && hubAddress(own) === own) return { own };
    return typeof facility === "string" && /^[a-z0-9-]+$/.test(facility) ? { facility } : {};
  } catch {
    return {}; // something else is in it
  }
};

export const remember = (place) => store(KEY, place.facility || place.own ? JSON.stringify(place) : null);
