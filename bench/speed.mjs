// Times each query on a built index: argument 1 is the folder of a site, standard input has the keys and hostile queries.
// Prints { opened, ours, lunr, hostile } in milliseconds.

import fs from "node:fs";
import { pathToFileURL } from "node:url";

const site = process.argv[2];
const { keys, hostile, rounds } = JSON.parse(fs.readFileSync(0, "utf8"));
// node reads .js as modules where a package.json says so.
fs.writeFileSync(`${site}/package.json`, '{"type": "module"}');
const from = async (path) => import(pathToFileURL(`${site}/assets/${fs.readdirSync(`${site}/assets`)[0]}/${path}`));
const { default: lunr } = await from("vendor/lunr.js");
const { better, prepared, rank } = await from("js/rank.js");
const { sorted, survey } = await from("js/narrow.js");
const { parts } = await from("js/words.js");

const text = fs.readFileSync(`${site}/search/${fs.readdirSync(`${site}/search`)[0]}`, "utf8");
const start = performance.now();
const search = prepared(lunr, JSON.parse(text));
const opened = performance.now() - start;

// Eight facets with values as many as in the frozen catalogue.
const sizes = [6, 7, 11, 15, 3, 12, 70, 130];
const entries = search.slugs.map((slug, place) => ({
  slug,
  place,
  name: slug,
  date: "",
  sure: sizes.map((size, facet) => Array.from({ length: 1 + ((place + facet) % 3) }, (_, n) => (place * (facet + 7) + n) % size)),
  unsure: sizes.map(() => []),
}));
const nothing = sizes.map(() => []);
const answer = (query) => {
  const found = rank(search, query);
  const { shown } = survey(entries, found?.order ?? null, nothing, false, sizes);
  return sorted(shown, "relevance", found?.order ?? null, better);
};
const byLunr = (query) => {
  for (const word of parts(query)) {
    search.read.index.query((asked) => {
      asked.term(word, { usePipeline: false, boost: 4 });
      if (word.length >= 3) asked.term(word, { usePipeline: false, wildcard: lunr.Query.wildcard.TRAILING });
    });
  }
};
// The shortest time of several rounds, each of which begins without what the last one remembered.
const timed = (run, queries) => {
  const best = queries.map(() => Infinity);
  for (let round = 0; round < rounds; round += 1) {
    search.answers.clear();
    search.read.postings.clear();
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
  JSON.stringify({ opened, ours: timed(answer, keys), lunr: timed(byLunr, keys), hostile: timed(answer, hostile) }),
);
