// Tags on goods: read by the telephone's own NFC where its browser lets a page do so, else by the reader beside the computer.
import { askReader, codeOf, Fault, openReader, say, showPairing } from "./reader.js";

const MOST_SAID = 8;
const WORDS = { NotAllowedError: "nfc_refused", NotReadableError: "nfc_off" };

export const hasOwnNfc = () => "NDEFReader" in window;

// What a tag says of itself: its texts and addresses. Other kinds of record name no goods.
function saysOf(records) {
  return records.flatMap((record) => {
    if (record.recordType === "smart-poster") return saysOf(record.toRecords() ?? []);
    if (!["text", "url", "absolute-url"].includes(record.recordType)) return [];
    return [new TextDecoder(record.encoding || "utf-8").decode(record.data)];
  });
}

const tagOf = ({ serialNumber, message }) => ({
  uid: serialNumber.replace(/[^0-9a-f]/gi, "").toLowerCase(),
  says: saysOf([...message.records]).slice(0, MOST_SAID),
});

// Each tag in its turn, however fast they are held to it, until the button is pressed once more.
async function listen(place, take) {
  const button = place.querySelector("[data-tap]");
  if (place.listening) {
    place.listening.abort();
    return;
  }
  const listening = new AbortController();
  const reader = new window.NDEFReader();
  let last = Promise.resolve();
  reader.addEventListener("reading", (event) => {
    last = last.then(() => taken(place, take, tagOf(event)));
  });
  reader.addEventListener("readingerror", () => say(place, "unread_tag"));
  try {
    await reader.scan({ signal: listening.signal });
  } catch (refusal) {
    say(place, WORDS[refusal.name] ?? "nfc_none");
    return;
  }
  place.listening = listening;
  button.setAttribute("aria-pressed", "true");
  say(place, "present_phone", { isFault: false });
  listening.signal.addEventListener("abort", () => {
    place.listening = null;
    button.removeAttribute("aria-pressed");
    place.querySelector("[data-reader-note]").hidden = true;
  });
}

async function taken(place, take, tag) {
  try {
    say(place, await take(tag), { isFault: false });
    navigator.vibrate?.(60);
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    say(place, fault.message);
  }
}

// One tag at the reader beside the computer.
async function readOne(place, take) {
  const button = place.querySelector("[data-tap]");
  if (button.disabled) return;
  if (!codeOf()) {
    showPairing(place, true);
    if (matchMedia("(pointer: coarse)").matches) say(place, "no_nfc_here");
    return;
  }
  button.disabled = true;
  say(place, "present_goods", { isFault: false });
  try {
    const tag = await askReader(`${place.dataset.reader}/goods`, "{}", { code: codeOf() });
    say(place, await take(tag), { isFault: false });
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    say(place, fault.message);
    if (fault.message === "not_paired") showPairing(place, true);
  } finally {
    button.disabled = false;
  }
}

// What the portal knows the goods by that bear a tag. `address` is asked with what the tag is and says.
export async function askGoods(address, tag) {
  const asked = new URL(address, location.href);
  asked.searchParams.set("tag", tag.uid);
  for (const said of tag.says) asked.searchParams.append("says", said);
  const answer = await fetch(asked, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(8000) }).catch(() => null);
  const found = await answer?.json().catch(() => null);
  if (!answer?.ok) throw new Fault(found?.fault ?? "no_line");
  return found;
}

// `take` gets a tag and gives the name of a sentence, or the sentence, that says what became of it.
export function openTags(place, take) {
  openReader(place, hasOwnNfc() ? () => listen(place, take) : () => readOne(place, take));
  window.addEventListener("pagehide", () => place.listening?.abort());
}
