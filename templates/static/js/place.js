// Launch buttons follow the facility that the reader has chosen, or else the one that the list is filtered by. Nothing is drawn:
// existing buttons get other texts and links, and their own back when the choice is undone.

import { hubAddress, remember, remembered } from "./remembered.js";

const OWN = "/own"; // no facility can have this slug
const form = document.querySelector("form.place");
const select = form.elements.place;
const address = form.elements.url;
const own = form.querySelector(".place-own");
const said = document.getElementById("place-said");
let cards = []; // the launch parts of the cards in the page
const lists = [...document.querySelectorAll(".offers")].map((list) => ({ list, rows: [...list.children] }));

const linkOf = (spot) => spot.querySelector("a.button");
const first = new WeakMap(); // the original state of each button
const dressed = new WeakSet(); // those whose state differs from the original one, in the page or not
const gather = () => {
  cards = [...document.querySelectorAll("[data-entry]")].filter((spot) => spot.querySelector("[data-where]"));
  for (const spot of cards) {
    if (first.has(spot)) continue;
    const link = linkOf(spot);
    first.set(spot, {
      href: link.getAttribute("href"),
      name: link.firstChild.data,
      heard: link.querySelector(".sr-only").textContent,
      className: link.className,
      where: spot.querySelector("[data-where]").textContent,
      why: spot.querySelector("[data-why]").textContent,
      warned: [...spot.querySelectorAll(".warn")].map((each) => [each.textContent, each.className]),
    });
  }
};

const dress = (spot, { href, name, heard, className, where, why, warned }) => {
  const link = linkOf(spot);
  link.setAttribute("href", href);
  link.className = className;
  link.firstChild.data = name;
  link.querySelector(".sr-only").textContent = heard;
  spot.querySelector("[data-where]").textContent = where;
  spot.querySelector("[data-why]").textContent = why;
  spot.querySelector("[data-warnings]").replaceChildren(
    ...warned.flatMap(([words, className]) => {
      const label = document.createElement("span");
      label.className = className;
      label.textContent = words;
      return [label, " "];
    }),
  );
};

const undo = () => {
  for (const spot of cards) if (dressed.delete(spot)) dress(spot, first.get(spot));
  for (const { list, rows } of lists) list.append(...rows);
  for (const row of document.querySelectorAll(".offer-mine")) row.classList.remove("offer-mine");
  for (const row of document.querySelectorAll("[data-own-offer]")) row.hidden = true;
};

// The launch of an entry at a BinderHub that the reader has named: { url, action, verdict, why, … }.
const atOwn = (hub) => (spot) => {
  const url = spot.dataset.ownPath ? hub + spot.dataset.ownPath : null;
  return {
    url,
    verdict: spot.dataset.own,
    action: spot.dataset.ownAction,
    why: spot.dataset.ownWhy,
    opens: spot.dataset.ownOpens,
    ref: spot.dataset.ownRef,
    short: spot.dataset.ownRef,
    warned: hub.startsWith("http:") ? [["Plain http", "warn warn-weak"]] : [],
  };
};

const facilities = new Map(); // each facility that was chosen: a promise of its launches, and of how many there are
const tally = (every) => {
  const count = (verdict) => every.filter((each) => each.url && each.verdict === verdict).length;
  return { yes: count("yes"), maybe: count("maybe"), of: every.length };
};
const load = async (facility) => {
  const answer = await fetch(`${form.dataset.pairs}${facility}.json`);
  const isGone = answer.status === 404 || answer.status === 410; // the site has been rebuilt since this page was opened
  if (!answer.ok) throw Object.assign(new Error(`the facility's launches answered ${answer.status}`), { isGone });
  const { warnings, pairs, counts } = await answer.json();
  const warned = warnings.map(({ label, level }) => [label, `warn warn-${level}`]);
  const known = new Map(Object.entries(pairs).map(([entry, pair]) => [entry, offerOf(pair, warned)]));
  const ask = (spot) => {
    // Cards of a large catalogue that arrive with an answer contain their launches; the file has those of the first page.
    const launches = spot.closest("[data-launches]")?.dataset.launches;
    return launches ? offerOf(JSON.parse(launches)[facility], warned) : (known.get(spot.dataset.entry) ?? offerOf(undefined, []));
  };
  return { ask, counts: counts ?? tally([...known.values()]) };
};
const atListed = (facility) => {
  if (!facilities.has(facility)) {
    facilities.set(facility, load(facility));
    facilities.get(facility).catch(({ isGone }) => isGone || facilities.delete(facility)); // and fetched again when it is needed next
  }
  return facilities.get(facility);
};
const offerOf = (pair, warned) => {
  // A link to a front page launches nothing: the original button is of more use.
  if (!pair?.url || !pair.carries_software) return { url: null, verdict: "no", why: pair?.url ? "front page only" : (pair?.reason ?? "") };
  const { url, verdict, action, reason, in_short: short = "" } = pair;
  return { url, verdict, action, why: reason ?? "", short, warned };
};

const nameOf = (place) => (place.own ? new URL(place.own).host : [...select.options].find((option) => option.value === place.facility)?.dataset.name);

const onCards = (name, ask) => {
  for (const spot of cards) {
    const found = ask(spot);
    const was = first.get(spot);
    dressed.add(spot);
    if (!found.url) {
      dress(spot, { ...was, why: `not at ${name}${found.why ? `: ${found.why.replace(/\.$/, "")}` : ""}` });
      continue;
    }
    const heard = ` ${spot.dataset.entryName} at ${name}`;
    const isRecommended = found.verdict === "yes" && found.warned.length === 0; // as in launch_views.py
    const className = `button ${isRecommended ? "button-main" : "button-second"}`;
    const why = found.why || found.short;
    dress(spot, { href: found.url, name: found.action, heard, className, where: `at ${name}`, why, warned: found.warned });
  }
};

// How many entries it launches: of a listed facility, on the front page, in the whole catalogue, as its filters count; else of the
// cards in the page.
const sum = (name, counts, ask) => {
  const { yes, maybe, of } = counts && document.getElementById("filters") ? counts : tally(cards.map(ask));
  const others = yes + maybe < of ? "; the other buttons stay" : "";
  // As in dom.js, which most pages with this script do not load.
  const spelt = (count) => count.toLocaleString("en");
  return `${spelt(yes)} of ${spelt(of)} entries should run at ${name}${maybe ? `, ${spelt(maybe)} may` : ""}${others}.`;
};

const onOffers = (place, ask) => {
  const list = document.querySelector("[data-offers]");
  const spot = [...document.querySelectorAll("[data-entry]")].find((each) => each.querySelector("[data-own-offer]"));
  if (place.facility) {
    const row = document.querySelector(`.offer[data-facility="${CSS.escape(place.facility)}"]`);
    if (row && list) {
      row.classList.add("offer-mine");
      list.prepend(row);
    }
    return Boolean(row);
  }
  const row = spot?.querySelector("[data-own-offer]");
  if (!row) return false;
  const found = ask(spot);
  const part = (name) => row.querySelector(`[data-own-${name}]`);
  row.hidden = false;
  row.className = `offer offer-mine offer-${found.verdict}`;
  part("verdict").className = `verdict verdict-${found.verdict}`;
  part("verdict").textContent = { yes: "Should run here", maybe: "May run here", no: "Not here" }[found.verdict];
  part("address").textContent = place.own;
  part("reason").textContent = found.why;
  part("reason").hidden = !found.why;
  part("opened").hidden = !found.url;
  part("opens").textContent = found.opens;
  part("ref").textContent = found.ref && ` (${found.ref})`;
  part("link").hidden = !found.url;
  if (found.url) {
    part("link").href = found.url;
    part("link").textContent = found.action;
  }
  return Boolean(found.url);
};

const isListed = (facility) => [...select.options].some((option) => option.value === facility);
// The facility that the list is filtered by, if it is one. It is not remembered.
const filtered = () => {
  const ticked = document.querySelectorAll("#filters input[name=facility]:checked");
  return ticked.length === 1 && isListed(ticked[0].value) ? { facility: ticked[0].value } : {};
};
const isSet = ({ facility, own: hub }) => Boolean(facility || hub);
let choice = {}; // made explicitly, and for all pages: it takes precedence
const isChoice = () => isSet(choice);
const wanted = () => (isChoice() ? choice : filtered());

let turn = 0;
let current = {};
let hasFollowed = false;
let isOwed = false; // a message is due: its turn was overtaken while the launches were fetched
let hasFailed = false; // the message says that the launches could not be loaded
const follow = async (place, told = true, speaks = true) => {
  const mine = ++turn;
  current = place;
  gather(); // not earlier: most readers choose nothing
  isOwed ||= speaks;
  const say = (text) => {
    if (isOwed) said.textContent = text;
    isOwed = false;
  };
  if (!isSet(place)) {
    undo();
    hasFailed = false;
    say(told ? "Back to the best facility." : "");
    return;
  }
  hasFollowed = true;
  const name = nameOf(place);
  try {
    // The page of an entry contains its launches at listed facilities: only cards need the file.
    const listed = place.own || !cards.length ? null : await atListed(place.facility);
    if (mine !== turn) return;
    isOwed ||= hasFailed;
    hasFailed = false;
    const ask = place.own ? atOwn(place.own) : listed?.ask;
    undo();
    onCards(name, ask);
    const stands = onOffers(place, ask);
    if (!isChoice()) {
      say(`Buttons launch at ${name}, as the list is filtered by it.`);
      return;
    }
    const here = cards.length
      ? sum(name, listed?.counts, ask)
      : stands
        ? `${name} is listed first.`
        : `It does not run at ${name}: the reason is below.`;
    say(`${here} This browser remembers the choice.`);
  } catch ({ isGone }) {
    if (mine !== turn) return;
    undo();
    say(
      isGone
        ? `This page is older than the catalogue: reload it to launch at ${name}.`
        : `The launches at ${name} could not be loaded: buttons lead to the best facility.`,
    );
    hasFailed = true;
  }
};

const reveal = (place) => {
  own.hidden = select.value !== OWN;
  if (place.own) address.value = place.own;
};

// The rest of a long list has arrived: its buttons follow, too.
document.addEventListener("cards", () => follow(wanted(), false));
// Each answer of a large catalogue brings other cards: their buttons follow without a message.
document.addEventListener("shown", () => {
  if (hasFollowed) follow(current, false, false);
});
document.addEventListener("answered", () => {
  const place = wanted();
  if (place.facility !== current.facility || place.own !== current.own) follow(place, false);
});

select.addEventListener("change", () => {
  if (select.value === OWN) {
    reveal({});
    if (hubAddress(address.value)) form.requestSubmit();
    else said.textContent = "Type the address of your BinderHub.";
    return;
  }
  choice = select.value ? { facility: select.value } : {};
  reveal(choice);
  remember(choice);
  follow(wanted());
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const hub = hubAddress(address.value);
  if (!hub) {
    said.textContent = "This is not the address of a BinderHub. It looks like https://hub.example.org/.";
    address.setAttribute("aria-invalid", "true");
    address.focus();
    return;
  }
  address.removeAttribute("aria-invalid");
  address.value = hub;
  choice = { own: hub };
  remember(choice);
  follow(wanted());
});

// URLs that papers cite show the same to everyone, unless the URL asks for the reader's own facility.
const asked = !document.querySelector("[data-only-if-asked]") || new URLSearchParams(location.search).get("at") === "mine";
// Follows what this browser remembers.
const recall = () => {
  const chosen = remembered();
  const isKnown = isSet(chosen) && (!chosen.facility || isListed(chosen.facility));
  choice = isKnown && asked ? chosen : {};
  select.value = choice.own ? OWN : (choice.facility ?? "");
  reveal(choice);
  said.replaceChildren();
  if (isSet(wanted()) || isSet(current)) follow(wanted());
  if (isKnown && !asked) {
    const link = document.createElement("a");
    link.href = "?at=mine";
    link.textContent = `Put ${nameOf(chosen)} first, as you chose`;
    said.replaceChildren(link);
  }
};
recall();
// The browser may keep this page while another one is open, on which the reader chooses something else.
let before = "";
addEventListener("pagehide", () => {
  before = JSON.stringify(remembered());
});
addEventListener("pageshow", ({ persisted }) => {
  if (persisted && JSON.stringify(remembered()) !== before) recall();
});
