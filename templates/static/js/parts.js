// Files of the search, fetched once each, when they are needed. Code that needs a part asks the cache for it and goes on
// without it if it is missing. At the end `requireAll` throws MissingParts, `fetchMissing` fetches everything that was asked for,
// and the code runs again: all files that an answer needs are requested together. Optional parts do not delay an answer: it is
// shown, and made again when they have arrived.

// Why a file could not be used: "fetch" it did not arrive, "gone" it no longer exists, since the site has been rebuilt, "cut" it
// is truncated, "build" it belongs to another build.
export class IndexFailure extends Error {
  constructor(kind) {
    super(`the search index: ${kind}`);
    this.kind = kind;
  }
}

export class MissingParts extends Error {}

const TIMEOUT = 30_000; // milliseconds

// What `read` makes of the text of a file; rejects with an IndexFailure.
const fetched = async (address, again, read) => {
  const signal = AbortSignal.timeout(TIMEOUT);
  // On a second attempt a truncated copy must not come from the cache again.
  const answer = await fetch(address, { cache: again ? "reload" : "default", signal }).catch(() => {
    throw new IndexFailure("fetch");
  });
  // Files are named by their content: if one is missing, the site has been rebuilt since this page was opened.
  if (answer.status === 404 || answer.status === 410) throw new IndexFailure("gone");
  if (!answer.ok) throw new IndexFailure("fetch");
  const text = await answer.text().catch(() => {
    throw new IndexFailure(signal.aborted ? "fetch" : "cut");
  });
  return read(text);
};

// The content of a JSON file and its length. The name of the build is in its URL, and the file must contain the same name.
export const json = (address, again) =>
  fetched(address, again, (text) => {
    let data;
    try {
      data = JSON.parse(text);
    } catch {
      throw new IndexFailure("cut");
    }
    if (!address.includes(`/search/${data?.build}.json`) && !address.includes(`/search/${data?.build}/`)) {
      throw new IndexFailure("build");
    }
    return { data, length: text.length };
  });

// A page of this site, parsed as a document: none of its scripts run, and nothing it refers to is loaded.
export const page = (address, again = false) =>
  new Promise((resolve, reject) => {
    const fail = (kind) => reject(new IndexFailure(kind));
    const request = new XMLHttpRequest();
    request.open("GET", address);
    request.responseType = "document";
    request.timeout = TIMEOUT;
    if (again) request.setRequestHeader("Cache-Control", "no-cache");
    request.onload = () => {
      if (request.status === 404 || request.status === 410) fail("gone");
      else if (request.status !== 200 || !request.response) fail("fetch");
      else resolve(request.response);
    };
    request.onerror = () => fail("fetch");
    request.ontimeout = () => fail("fetch");
    request.send();
  });

// A cache of parts, least recently used first out, up to a sum of their weights. Parts that the present run has used always stay.
export const partCache = (most = Infinity) => {
  const kept = new Map();
  const arriving = new Map();
  const missing = new Map();
  const optional = new Map();
  let run = 0;
  let weight = 0;
  const evict = () => {
    for (const [name, part] of kept) {
      if (weight <= most) return;
      if (part.run === run) continue;
      kept.delete(name);
      weight -= part.weight;
    }
  };
  const fetchPart = (name, load, again) => {
    if (!arriving.has(name)) {
      const promise = load(again).then(
        ({ value, weight: own = 1 }) => {
          arriving.delete(name);
          kept.set(name, { value, weight: own, run });
          weight += own;
          evict();
        },
        (error) => {
          arriving.delete(name);
          throw error;
        },
      );
      arriving.set(name, promise);
    }
    return arriving.get(name);
  };
  return {
    // Starts a run, which has not asked for anything yet.
    begin() {
      missing.clear();
      optional.clear();
      run += 1;
    },
    // The part of a name; undefined if it has to be fetched first, by `load`, which returns a promise of { value, weight }.
    get(name, load, isOptional = false) {
      const part = kept.get(name);
      if (!part) {
        (isOptional ? optional : missing).set(name, load);
        return undefined;
      }
      part.run = run;
      kept.delete(name);
      kept.set(name, part); // the most recently used one
      return part.value;
    },
    isMissing: () => missing.size > 0,
    requireAll() {
      if (missing.size > 0) throw new MissingParts();
    },
    optionalParts: () => [...optional],
    // Resolves when all missing parts have arrived; rejects with an IndexFailure.
    fetchMissing: async (again = false, wanted = [...missing]) => {
      const results = await Promise.allSettled(wanted.map(([name, load]) => fetchPart(name, load, again)));
      const failed = results.find(({ status }) => status === "rejected");
      if (failed) throw failed.reason;
    },
    get weight() {
      return weight;
    },
  };
};

// The result of `make`, which reads from the cache: immediately if nothing is missing, else a promise of it, for which the missing
// parts are fetched and `make` is called again. The promise resolves to null if `goesOn` says that nobody is waiting any more.
export const withParts = (parts, make, goesOn, again = false) => {
  const attempt = () => {
    parts.begin();
    try {
      return { made: make() };
    } catch (error) {
      if (!(error instanceof MissingParts)) throw error;
      return null;
    }
  };
  const first = attempt();
  if (first) return first.made;
  const later = async () => {
    for (;;) {
      await parts.fetchMissing(again);
      if (!goesOn()) return null;
      const next = attempt();
      if (next) return next.made;
    }
  };
  return later();
};
