// A card at the reader beside this computer: the page carries what bank and card say to each other, and reads none of it.
const PAIRED = "pilgrim-reader";
const CARD_MS = 40_000;

export class Fault extends Error {}

export async function askReader(address, body, { code, type = "application/json", milliseconds = CARD_MS }) {
  let answer;
  try {
    answer = await fetch(address, {
      method: "POST",
      headers: { Authorization: `Bearer ${code}`, "Content-Type": type },
      body,
      credentials: "omit",
      signal: AbortSignal.timeout(milliseconds),
    });
  } catch {
    throw new Fault("absent");
  }
  const said = await answer.json().catch(() => ({ fault: "absent" }));
  if (!answer.ok) throw new Fault(said.fault);
  return said;
}

async function askBank(place, begun) {
  const form = place.closest("form");
  const body = new URLSearchParams({ uid: begun.uid, challenge: begun.challenge });
  const answer = await fetch(place.dataset.challenge, {
    method: "POST",
    headers: { Accept: "application/json", "X-CSRFToken": form.elements.namedItem("csrf_token").value },
    body,
    signal: AbortSignal.timeout(10_000),
  }).catch(() => null);
  const said = await answer?.json().catch(() => null);
  if (!answer?.ok) throw new Fault(said?.fault ?? "bank");
  return said;
}

export const codeOf = () => localStorage.getItem(PAIRED) ?? "";
const latin = (text) => text.replace(/[۰-۹٠-٩]/g, (digit) => String(digit.charCodeAt(0) & 15)).replace(/\D/g, "");

// A fault is the name of a sentence that the page brought along, or a sentence of the bank's.
export function say(place, fault, { isFault = true } = {}) {
  const sentence = place.querySelector(`[data-word="${CSS.escape(fault)}"]`);
  const note = place.querySelector("[data-reader-note]");
  note.hidden = false;
  note.classList.toggle("fault", isFault);
  note.setAttribute("role", isFault ? "alert" : "status");
  note.textContent = sentence ? sentence.textContent : fault;
}

export function showPairing(place, isAsked) {
  place.querySelector("[data-pairing]").hidden = !isAsked;
  if (isAsked) place.querySelector("[data-pairing] input").focus();
}

async function tap(place) {
  const form = place.closest("form");
  const button = place.querySelector("[data-tap]");
  if (button.disabled) return;
  if (!codeOf()) {
    showPairing(place, true);
    return;
  }
  button.disabled = true;
  say(place, "present", { isFault: false });
  try {
    const paired = { code: codeOf() };
    const begun = await askReader(`${place.dataset.reader}/tap`, "{}", paired);
    const bank = await askBank(place, begun);
    const wanted = JSON.stringify({ tap: begun.tap, part2: bank.part2 });
    const { answer } = await askReader(`${place.dataset.reader}/tap/answer`, wanted, paired);
    form.elements.namedItem("challenge").value = bank.challenge;
    form.elements.namedItem("card-answer").value = answer;
    say(place, "remove", { isFault: false });
    form.requestSubmit();
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    say(place, fault.message);
    if (fault.message === "not_paired") showPairing(place, true);
  } finally {
    button.disabled = false;
  }
}

// A card that is to be handed out has nothing to prove: the bank knows by its chip whether it is one of the stock's.
async function sense(place) {
  const button = place.querySelector("[data-tap]");
  if (!codeOf()) {
    showPairing(place, true);
    return;
  }
  button.disabled = true;
  say(place, "present", { isFault: false });
  try {
    const begun = await askReader(`${place.dataset.reader}/tap`, "{}", { code: codeOf() });
    const field = place.closest("form").elements.namedItem(place.dataset.fills);
    field.value = begun.uid;
    field.focus();
    say(place, "sensed", { isFault: false });
    if ("goes" in place.dataset) place.closest("form").requestSubmit();
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    say(place, fault.message);
    if (fault.message === "not_paired") showPairing(place, true);
  } finally {
    button.disabled = false;
  }
}

function pair(place) {
  const field = place.querySelector("[data-pairing] input");
  const code = latin(field.value);
  if (code.length !== 12) {
    say(place, "not_paired");
    field.focus();
    return;
  }
  localStorage.setItem(PAIRED, code);
  field.value = "";
  showPairing(place, false);
  place.closest("form").elements.namedItem("number")?.focus();
  tap(place);
}

// The paper comes from the portal as the printer's own bytes; the reader's program passes it on.
async function print(place) {
  const button = place.querySelector("[data-print-slip]");
  if (!codeOf()) {
    showPairing(place, true);
    return;
  }
  button.disabled = true;
  try {
    const slip = await fetch(place.dataset.slip, { signal: AbortSignal.timeout(10_000) }).catch(() => null);
    if (!slip?.ok) throw new Fault("bank");
    const type = "application/octet-stream";
    await askReader(`${place.dataset.reader}/print`, await slip.arrayBuffer(), { code: codeOf(), type, milliseconds: 15_000 });
    say(place, "printed", { isFault: false });
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    say(place, fault.message);
    if (fault.message === "not_paired") showPairing(place, true);
  } finally {
    button.disabled = false;
  }
}

export function openReader(place, own = null) {
  place.hidden = false;
  const act = own ?? (place.dataset.fills ? sense : place.querySelector("[data-print-slip]") ? print : tap);
  if (act === tap && "NDEFReader" in window && !codeOf()) {
    // A telephone's browser reads goods' tags and lets no card prove itself, and a card's bare number proves nothing.
    for (const part of place.querySelectorAll("[data-tap], .reader-or")) part.hidden = true;
    say(place, "no_card_by_phone", { isFault: false });
    return;
  }
  place.querySelector("[data-tap], [data-print-slip]").addEventListener("click", () => act(place));
  const pairing = place.querySelector("[data-pairing]");
  pairing.querySelector("button").addEventListener("click", () => {
    if (act === tap) pair(place);
    else {
      localStorage.setItem(PAIRED, latin(pairing.querySelector("input").value));
      showPairing(place, false);
      act(place);
    }
  });
  pairing.querySelector("input").addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    pairing.querySelector("button").click();
  });
}
