// Launch addresses of a BinderHub, by the rules of catalogue/launch/binderhub.py: tests run the same cases through both. Pure.

const COMMIT = /^[0-9A-Fa-f]{40}$/;
const UNOPENABLE = /[#?%\\]/;

// One part of a path, as a BinderHub signs it: encodeURIComponent, but for three letters that must stay as they are.
const component = (text) => encodeURIComponent(text).replace(/%5B/g, "[").replace(/%5D/g, "]").replace(/%7C/g, "|");

const strict = (text) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);

// The longest leading part of a path that a server can open, as a URL path.
const openable = (file) => {
  const kept = [];
  for (const part of (file ?? "").split("/")) {
    if (!part || UNOPENABLE.test(part)) break;
    kept.push(strict(part).replace(/%7E/g, "~"));
  }
  return kept.join("/");
};

const isShortCommit = (ref) => /^[0-9a-f]{7,39}$/.test(ref) && !/^\d+$/.test(ref) && !/^[a-z]+$/.test(ref);

const specOf = ({ provider, path, ref, url }) => {
  const at = ref ?? "HEAD"; // the default branch, whatever its name
  switch (provider) {
    case "gh":
      return `gh/${path}/${at.split("/").map(component).join("/")}`;
    case "gl":
      return `gl/${component(path)}/${component(at)}`;
    case "git":
      return isShortCommit(at) ? null : `git/${component(url)}/${component(at)}`;
    case "gist":
      return /^(?:[0-9a-f]{40}|HEAD|main|master)$/.test(at) || COMMIT.test(at) ? `gist/${path}/${at}` : null;
    case "zenodo":
      return `zenodo/${path}`;
    default:
      return null;
  }
};

// The address that opens { provider, path, ref, file, url, rstudio } at the hub whose front page is `base`; null where none does.
export const binderhubUrl = (base, code) => {
  try {
    const spec = specOf(code);
    if (spec === null || spec.includes("%25")) return null;
    const opened = openable(code.file);
    const urlpath = opened ? `lab/tree/${opened}` : code.rstudio ? "rstudio" : "lab";
    return `${base}v2/${spec}?urlpath=${strict(urlpath)}`;
  } catch {
    return null; // half a character, which no address can hold
  }
};

// What a reader typed as the front page of a hub, ready to be built on; null where it is none.
export const hubAddress = (text) => {
  let url;
  try {
    url = new URL(text.includes("://") ? text.trim() : `https://${text.trim()}`);
  } catch {
    return null;
  }
  if (!["https:", "http:"].includes(url.protocol) || url.username || url.password) return null;
  if (!/^(?:[a-z0-9-]+\.)*[a-z0-9-]+$|^\[[0-9a-f:.]+\]$/.test(url.hostname)) return null;
  const path = url.pathname.replace(/\/v2\/.*$/, "/");
  return `${url.origin}${path.endsWith("/") ? path : `${path}/`}`;
};
