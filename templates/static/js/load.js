// Fetches lunr and the index when they are first needed.

import { prepared } from "./rank.js";

// What went wrong, for the reader: "fetch" it did not come, "gone" a newer build has another, "cut" it is not whole,
// "build" it is of another build.
export class IndexFailure extends Error {
  constructor(kind) {
    super(`the search index: ${kind}`);
    this.kind = kind;
  }
}

const TIME_ENOUGH = 30_000; // milliseconds; by then the reader would rather be told

const fetched = async (address, again) => {
  // A copy that was cut must not come out of the cache again.
  const signal = AbortSignal.timeout(TIME_ENOUGH);
  const answer = await fetch(address, { cache: again ? "reload" : "default", signal }).catch(() => {
    throw new IndexFailure("fetch");
  });
  // Its name is that of its content: where it is not, the site has been built anew since this page was opened.
  if (answer.status === 404 || answer.status === 410) throw new IndexFailure("gone");
  if (!answer.ok) throw new IndexFailure("fetch");
  const text = await answer.text().catch(() => {
    throw new IndexFailure(signal.aborted ? "fetch" : "cut");
  });
  let data;
  try {
    data = JSON.parse(text);
  } catch {
    throw new IndexFailure("cut");
  }
  if (!address.endsWith(`/${data?.build}.json`)) throw new IndexFailure("build");
  return data;
};

// What `rank` needs; rejects with an IndexFailure.
export const load = async (address, again = false) => {
  const lunr = import("../vendor/lunr.js").catch(() => {
    throw new IndexFailure("fetch");
  });
  const [{ default: library }, data] = await Promise.all([lunr, fetched(address, again)]);
  try {
    return prepared(library, data);
  } catch {
    throw new IndexFailure("cut");
  }
};
