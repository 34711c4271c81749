// What the search fetches in parts, once each, as it is needed. Who needs a part asks for it and goes on with nothing where
// it is not there; at the end `settle` throws Lacking, `bring` fetches all that was asked for, and the work is done again.
// What an answer can do without at first is wished for: the answer is shown, and the work done again when it has come.

// What went wrong, for the reader: "fetch" it did not come, "gone" a newer build has another, "cut" it is not whole,
// "build" it is of another build.
export class IndexFailure extends Error {
  constructor(kind) {
    super(`the search index: ${kind}`);
    this.kind = kind;
  }
}

export class Lacking extends Error {}

const TIME_ENOUGH = 30_000; // milliseconds; by then the reader would rather be told

// A file of this build as `read` gives it from the answer; rejects with an IndexFailure.
const fetched = async (address, again, read) => {
  const signal = AbortSignal.timeout(TIME_ENOUGH);
  // A copy that was cut must not come out of the cache again.
  const answer = await fetch(address, { cache: again ? "reload" : "default", signal }).catch(() => {
    throw new IndexFailure("fetch");
  });
  // Its name is that of its content: where it is not, the site has been built anew since this page was opened.
  if (answer.status === 404 || answer.status === 410) throw new IndexFailure("gone");
  if (!answer.ok) throw new IndexFailure("fetch");
  const text = await answer.text().catch(() => {
    throw new IndexFailure(signal.aborted ? "fetch" : "cut");
  });
  return read(text);
};

// The content of a file of JSON that says of which build it is, and its length. The name of the build stands in its address.
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

// A page of this site as a document: no script of it runs, nothing of it is loaded.
export const page = (address, again = false) =>
  new Promise((resolve, reject) => {
    const fail = (kind) => reject(new IndexFailure(kind));
    const request = new XMLHttpRequest();
    request.open("GET", address);
    request.responseType = "document";
    request.timeout = TIME_ENOUGH;
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

// Keeps parts up to a sum of their weights, those that were used last. What the present work has used always stays.
export const shelf = (most = Infinity) => {
  const kept = new Map();
  const coming = new Map();
  const lacks = new Map();
  const wishes = new Map();
  let work = 0;
  let weight = 0;
  const drop = () => {
    for (const [name, part] of kept) {
      if (weight <= most) return;
      if (part.work === work) continue;
      kept.delete(name);
      weight -= part.weight;
    }
  };
  const come = (name, load, again) => {
    if (!coming.has(name)) {
      const arriving = load(again).then(
        ({ value, weight: own = 1 }) => {
          coming.delete(name);
          kept.set(name, { value, weight: own, work });
          weight += own;
          drop();
        },
        (error) => {
          coming.delete(name);
          throw error;
        },
      );
      coming.set(name, arriving);
    }
    return coming.get(name);
  };
  return {
    begin() {
      lacks.clear();
      wishes.clear();
      work += 1;
    },
    // The part of a name; undefined where `load` has to bring it first, which gives a promise of { value, weight }.
    get(name, load, isWish = false) {
      const part = kept.get(name);
      if (!part) {
        (isWish ? wishes : lacks).set(name, load);
        return undefined;
      }
      part.work = work;
      kept.delete(name);
      kept.set(name, part); // the last one used
      return part.value;
    },
    lacking: () => lacks.size > 0,
    settle() {
      if (lacks.size > 0) throw new Lacking();
    },
    wished: () => [...wishes],
    // Resolves when all is there that was lacking; rejects with an IndexFailure.
    bring: async (again = false, wanted = [...lacks]) => {
      const arrived = await Promise.allSettled(wanted.map(([name, load]) => come(name, load, again)));
      const failed = arrived.find(({ status }) => status === "rejected");
      if (failed) throw failed.reason;
    },
    get weight() {
      return weight;
    },
  };
};

// What `make` gives of the parts on a shelf, at once where it finds all of them, else a promise of it: the missing ones are
// fetched, and it is made again. The promise is of null where `goesOn` says that nobody waits for it any more.
export const withParts = (parts, make, goesOn, again = false) => {
  const attempt = () => {
    parts.begin();
    try {
      return { made: make() };
    } catch (error) {
      if (!(error instanceof Lacking)) throw error;
      return null;
    }
  };
  const first = attempt();
  if (first) return first.made;
  const later = async () => {
    for (;;) {
      await parts.bring(again);
      if (!goesOn()) return null;
      const next = attempt();
      if (next) return next.made;
    }
  };
  return later();
};
