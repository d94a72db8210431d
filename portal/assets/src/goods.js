// Goods by their tags and codes where they come in, are counted and get their tags: what is read is typed into a list, a line each.
import { openCamera } from "./camera.js";
import { askGoods, openTags } from "./tags.js";

function addLine(field, text) {
  const before = field.value.replace(/\s+$/, "");
  field.value = `${before ? `${before}\n` : ""}${text}\n`;
  field.scrollTop = field.scrollHeight;
}

// A tag is on one item, so it counts once for one count or note, also after the page was loaded again.
function isNew(place, uid) {
  const key = `pilgrim-tags:${place.dataset.counts}`;
  const seen = new Set(JSON.parse(sessionStorage.getItem(key) ?? "[]"));
  if (!uid || seen.has(uid)) return !uid;
  sessionStorage.setItem(key, JSON.stringify([...seen, uid]));
  return true;
}

async function takeGoods(place, field, tag) {
  const branch = place.closest("form").elements.namedItem("branch_id")?.value;
  const found = await askGoods(branch ? `${place.dataset.goods}?branch=${encodeURIComponent(branch)}` : place.dataset.goods, tag);
  if (!isNew(place, tag.uid)) return "tag_again";
  addLine(field, found.code);
  return found.said;
}

function takeNumber(field, tag) {
  const number = tag.uid.toUpperCase();
  if (field.value.toUpperCase().split(/\s+/).includes(number)) return "tag_again";
  addLine(field, number);
  return "taken_number";
}

for (const place of document.querySelectorAll("[data-reads]")) {
  const field = place.closest("form").elements.namedItem(place.dataset.fillsList);
  openTags(place, (tag) => (place.dataset.reads === "number" ? takeNumber(field, tag) : takeGoods(place, field, tag)));
}
for (const place of document.querySelectorAll("[data-camera]")) {
  openCamera(place, (text) => addLine(place.closest("form").elements.namedItem("lines"), text));
}
