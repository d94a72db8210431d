// A form that outlives a cut: the page sends it and stays. What came of a payment is asked for until somebody says it.
const ASKED = "pilgrim-payment"; // the page of the sale whose payment was sent and not answered yet
const SENT_MS = 40_000; // longer than the portal itself waits for the bank
const ASK_EVERY_MS = 1000;
let isAsking = false;

const pause = (milliseconds) => new Promise((go) => setTimeout(go, milliseconds));

window.addEventListener("pageshow", () => {
  isAsking = false;
});

// The sentences stand in the page, since they are needed when nothing can be fetched.
function say(name) {
  const note = document.querySelector("[data-line-note]");
  note.textContent = document.querySelector(`[data-line-word="${name}"]`).textContent;
  note.hidden = false;
  note.scrollIntoView({ block: "nearest" });
}

const hush = () => {
  document.querySelector("[data-line-note]").hidden = true;
};

function bodyOf(form, submitter) {
  const body = new URLSearchParams(new FormData(form));
  if (submitter?.name) body.append(submitter.name, submitter.value);
  return body;
}

async function answerTo(form, submitter) {
  const address = submitter?.hasAttribute("formaction") ? submitter.formAction : form.action;
  const headers = { "X-Page-Stays": "1" };
  const asked = { method: "POST", body: bodyOf(form, submitter), headers, signal: AbortSignal.timeout(SENT_MS) };
  const answer = await fetch(address, asked).catch(() => null);
  const text = await answer?.text().catch(() => null);
  if (text == null) return null;
  const page = new DOMParser().parseFromString(text, "text/html");
  const isOurs = page.querySelector("main") && (answer.status < 500 || page.querySelector("[data-line-note]"));
  const leadsTo = answer.headers.get("X-Leads-To");
  return isOurs || leadsTo ? { leadsTo, page } : null;
}

// True where a page came back in place of this one. A payment's outcome is asked for; anything else is pressed again.
export async function send(form, submitter) {
  const outcome = form.dataset.outcome;
  if (isAsking) return false;
  if (!navigator.onLine) {
    say("off");
    return false;
  }
  hush();
  if (outcome) sessionStorage.setItem(ASKED, outcome);
  const answer = await answerTo(form, submitter);
  if (!answer) {
    say(outcome ? "unknown" : "broken");
    if (outcome) await askOutcome(outcome);
    return false;
  }
  sessionStorage.removeItem(ASKED);
  if (answer.leadsTo) {
    location.assign(answer.leadsTo);
    await new Promise(() => {}); // the page is leaving: nothing may be sent from it any more
  }
  document.activeElement?.blur();
  document.querySelector("main").replaceWith(answer.page.querySelector("main"));
  document.title = answer.page.title;
  return true;
}

async function askOutcome(address) {
  isAsking = true;
  for (;;) {
    await pause(ASK_EVERY_MS);
    const answer = await fetch(address, { signal: AbortSignal.timeout(8000) }).catch(() => null);
    if (answer?.ok) break;
  }
  location.assign(address);
  await new Promise(() => {});
}

// On the page of a sale whose payment was cut: the ledger has none, so the same press takes it, once.
export function tellOfCut() {
  const asked = sessionStorage.getItem(ASKED);
  if (!asked || !document.querySelector("[data-line-note]")) return;
  sessionStorage.removeItem(ASKED);
  if (document.querySelector("[data-payment]")?.dataset.outcome === asked) say("back");
}
