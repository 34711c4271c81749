// Asks the search of a built site as a browser does, with its own scripts: argument 1 is the folder of the site, standard
// input has [[query, slug], …]. Prints the queries to which the slug is no answer.

import { readFile } from "node:fs/promises";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const site = process.argv[2];
const asked = JSON.parse(readFileSync(0, "utf8"));
// What a page fetches is a file of the site.
globalThis.fetch = async (address) => new Response(await readFile(join(site, address)));
const module = (name) => import(pathToFileURL(join(site, "assets", readdirSync(join(site, "assets"))[0], "js", name)));
const { load } = await module("load.js");
const { rank } = await module("rank.js");

const index = readFileSync(join(site, "index.html"), "utf8").match(/data-index="([^"]+)"/u)[1];
const search = await load(`/${index}`);
const silent = [];
for (const [query, slug] of asked) {
  const found = await rank(search, query);
  if (!found?.order.has(slug)) silent.push(query);
}
process.stdout.write(JSON.stringify(silent));
