// Draws every map of the page; on the operator's page also asks for new taps each second and shows them.
import { drawMap, pulse } from "./map.js";
import { drawZones } from "./outline.js";
import { pick } from "./pick.js";

const MOST_ROWS = 40;
const EVERY_MS = 1000;

function show(feed, drawn, row) {
  const old = feed.querySelector(`[data-id="${CSS.escape(row.id)}"]`);
  if (old) return;
  const holder = document.createElement("template");
  holder.innerHTML = row.html;
  const item = holder.content.firstElementChild;
  item.classList.add("is-new");
  feed.prepend(item);
  if (drawn) pulse(drawn, row.place, row.approved);
}

async function ask(feed, drawn) {
  const address = new URL(feed.dataset.feed, location.href);
  address.searchParams.set("after", feed.dataset.after);
  const answer = await fetch(address, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(8000) });
  if (!answer.ok) throw new Error(`feed: ${answer.status}`);
  const { after, rows, figures } = await answer.json();
  feed.dataset.after = after;
  for (const row of rows) show(feed, drawn, row);
  while (feed.children.length > MOST_ROWS) feed.lastElementChild.remove();
  document.querySelector("[data-feed-empty]")?.toggleAttribute("hidden", feed.children.length > 0);
  for (const [name, text] of Object.entries(figures)) {
    for (const place of document.querySelectorAll(`[data-figure="${name}"]`)) place.innerHTML = text;
  }
}

async function follow(feed, drawn) {
  for (;;) {
    try {
      if (!document.hidden) await ask(feed, drawn);
      document.body.classList.remove("is-lost");
    } catch {
      document.body.classList.add("is-lost");
    }
    await new Promise((wake) => setTimeout(wake, EVERY_MS));
  }
}

const maps = [...document.querySelectorAll("[data-tiles]")].map((element) => drawMap(element));
const picked = document.querySelector("[data-picks] [data-tiles]");
if (picked) pick(await maps[0], picked.closest("form"));
const zoned = document.querySelector("[data-zones]");
if (zoned) drawZones(await maps[0], zoned);
const feed = document.querySelector("[data-feed]");
if (feed) follow(feed, await maps[0]);
