// Runs queries against a built site with its own scripts, as a browser does. Argument 1 is the folder of the site, argument 2
// a folder with its scripts, standard input [[query, slug], …]. Prints the queries whose results do not contain the slug.

import { readFile } from "node:fs/promises";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [site, scripts] = process.argv.slice(2);
const expected = JSON.parse(readFileSync(0, "utf8"));
// A page fetches files of the site.
globalThis.fetch = async (address) => new Response(await readFile(join(site, address)));
const module = (name) => import(pathToFileURL(join(scripts, "assets", readdirSync(join(scripts, "assets"))[0], "js", name)));
const { partCache, withParts } = await module("parts.js");
const { rank } = await module("rank.js");

const page = readFileSync(join(site, "index.html"), "utf8");
const [, index] = page.match(/data-index="([^"]+)"/u);
const [, cards] = page.match(/data-cards="([^"]+)"/u) ?? [];
const parts = partCache();
// The search, and a function that gives the slug of the entry at a position of the list.
const open = async () => {
  if (!cards) {
    const { load } = await module("whole_index.js");
    const { value, slugs } = await load(`/${index}`);
    return [() => value, (place) => slugs[place]];
  }
  const { sharded } = await module("shards.js");
  const files = sharded(parts, `/${index}`);
  const slugAt = (place) => {
    const size = files.cardsInFile();
    const file = join(site, cards, `${Math.floor(place / size)}.html`);
    const slugs = existsSync(file) ? [...readFileSync(file, "utf8").matchAll(/data-slug="([^"]+)"/gu)] : [];
    return slugs[place % size]?.[1];
  };
  return [files.search, slugAt];
};
const [search, slugAt] = await open();
const notFound = [];
for (const [query, slug] of expected) {
  const ranked = await withParts(parts, () => rank(search(), query), () => true);
  const places = ranked?.order.places ?? [];
  if (![...places].some((place) => slugAt(place) === slug)) notFound.push(query);
}
process.stdout.write(JSON.stringify(notFound));
