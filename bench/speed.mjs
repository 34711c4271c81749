// Times each query on a built index: argument 1 is the folder of a site, standard input has the keys and hostile queries.
// Prints { opened, ours, lunr, hostile } in milliseconds.

import fs from "node:fs";
import { pathToFileURL } from "node:url";

const site = process.argv[2];
const { keys, hostile, rounds } = JSON.parse(fs.readFileSync(0, "utf8"));
// Node reads .js files as modules only if a package.json says so.
fs.writeFileSync(`${site}/package.json`, '{"type": "module"}');
const from = async (path) => import(pathToFileURL(`${site}/assets/${fs.readdirSync(`${site}/assets`)[0]}/${path}`));
const { default: lunr } = await from("vendor/lunr.js");
const { rank } = await from("js/rank.js");
const { opened } = await from("js/whole_index.js");
const { sorted, survey } = await from("js/narrow.js");
const { parts } = await from("js/words.js");

const text = fs.readFileSync(`${site}/search/${fs.readdirSync(`${site}/search`)[0]}`, "utf8");
const start = performance.now();
const data = JSON.parse(text);
const slugs = Object.keys(data.names);
const search = opened(lunr, data, slugs);
const took = performance.now() - start;

// Eight facets with as many values as in the frozen catalogue.
const sizes = [6, 7, 11, 15, 3, 12, 70, 130];
const facets = sizes.map((size, facet) => {
  const sets = Array.from({ length: 3 * size }, (_, set) => [Array.from({ length: 1 + (set % 3) }, (_, n) => (set * 5 + n) % size), []]);
  return { sets, column: Uint32Array.from(slugs, (_, place) => (place * (facet + 7)) % sets.length), size };
});
const nothing = sizes.map(() => []);
const answer = (query) => {
  const found = rank(search, query);
  const { shown, count } = survey(slugs.length, found?.order.places ?? null, facets, nothing, false);
  sizes.forEach((_, facet) => count(facet, 0)); // counts all values of a facet
  return sorted(shown, found?.order.ranks ?? null);
};
const byLunr = (query) => {
  for (const word of parts(query)) {
    search.index.query((asked) => {
      asked.term(word, { usePipeline: false, boost: 4 });
      if (word.length >= 3) asked.term(word, { usePipeline: false, wildcard: lunr.Query.wildcard.TRAILING });
    });
  }
};
// The shortest time of several rounds, each of which starts with empty caches.
const timed = (run, queries) => {
  const best = queries.map(() => Infinity);
  for (let round = 0; round < rounds; round += 1) {
    search.answers.clear();
    search.postings.clear();
    queries.forEach((query, place) => {
      const before = performance.now();
      run(query);
      best[place] = Math.min(best[place], performance.now() - before);
    });
  }
  return best;
};

timed(answer, keys.slice(0, 20));
timed(byLunr, keys.slice(0, 20));
process.stdout.write(
  JSON.stringify({ opened: took, ours: timed(answer, keys), lunr: timed(byLunr, keys), hostile: timed(answer, hostile) }),
);
