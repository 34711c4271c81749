// Several searches over the same documents: argument 1 is the folder of a built site, standard input has the documents
// and the queries. Prints, for each search and query, [the slugs that it found, whether it guessed the spelling].

import fs from "node:fs";
import MiniSearch from "minisearch";

const site = process.argv[2];
const { documents, queries } = JSON.parse(fs.readFileSync(0, "utf8"));
const folder = `${site}/assets/${fs.readdirSync(`${site}/assets`)[0]}`;
const { default: lunr } = await import(`${folder}/vendor/lunr.js`);
const { rank } = await import(`${folder}/js/rank.js`);
const { sorted } = await import(`${folder}/js/narrow.js`);
const { opened } = await import(`${folder}/js/whole_index.js`);
const BOOSTS = {
  name: 20, author: 10, platform: 10, interface: 10, keyword: 8, data: 8, alias: 4, licence: 4, text: 1, affiliation: 1,
};
const fields = Object.keys(BOOSTS);

const shipped = lunr(function () {
  this.ref("slug");
  for (const field of fields) this.field(field, { boost: BOOSTS[field] });
  for (const document of documents) this.add(document);
});
const asShipped = (query) => {
  try {
    return [shipped.search(query).map(({ ref }) => ref), false];
  } catch {
    return [[], false]; // its query parser throws at an unexpected colon
  }
};

const mini = new MiniSearch({ idField: "slug", fields, searchOptions: { boost: BOOSTS, prefix: true, fuzzy: 0.2 } });
mini.addAll(documents);
const miniAnswer = (combineWith) => (query) => [mini.search(query, { combineWith }).map(({ id }) => id), false];

const data = JSON.parse(fs.readFileSync(`${site}/search/${fs.readdirSync(`${site}/search`)[0]}`, "utf8"));
const slugs = Object.keys(data.names).sort();
const search = opened(lunr, data, slugs);
const ours = (query) => {
  const found = rank(search, query);
  if (found === null) return [[], false];
  return [[...sorted(found.order.places, found.order.ranks)].map((place) => slugs[place]), found.similar];
};

const version = JSON.parse(fs.readFileSync("node_modules/minisearch/package.json", "utf8")).version;
const engines = {
  [`lunr ${lunr.version} as shipped`]: asShipped,
  [`MiniSearch ${version}, prefix and fuzzy, any word`]: miniAnswer("OR"),
  [`MiniSearch ${version}, prefix and fuzzy, all words`]: miniAnswer("AND"),
  ours,
};
const answers = Object.fromEntries(Object.entries(engines).map(([name, answer]) => [name, queries.map(answer)]));
process.stdout.write(JSON.stringify(answers));
