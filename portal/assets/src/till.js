// The web till by keyboard: shortcuts, lines that grow, a total that is said aloud, forms that outlive a cut.
import { openCamera } from "./camera.js";
import { bringBack, forget, keep } from "./draft.js";
import { send, tellOfCut } from "./line.js";
import { openReader } from "./reader.js";
import { askGoods, openTags } from "./tags.js";

const OF_CARDS = /^(936400\d{13}|\d{28})$/; // a card's number or its holder's code: neither is asked for in an address
const OF_GOODS = /^(?=.*\d)[\da-z][\da-z._/-]{3,31}$/i; // a maker's code, or the shop's own
const THOUSANDS = /^\d{1,3}([,٬،./'’ \u00a0\u200c\u202f])\d{3}(\1\d{3})*$/;
const LATIN = /[۰-۹٠-٩]/g;

const inLatin = (text) => text.replace(LATIN, (digit) => String(digit.charCodeAt(0) & 15)).trim();
const latin = (text) => inLatin(text).replace(/[\s,٬\u200c]/g, "");
const numberOf = (field, empty) => {
  const typed = inLatin(inLatin(field.value).replace(/(ریال|rials?)$/i, ""));
  const text = THOUSANDS.test(typed) ? typed.replace(/\D/g, "") : typed;
  if (text === "") return empty;
  return /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
};

function inOwnDigits(form, number) {
  const language = { fa: "fa-IR", ur: "fa-IR", ar: "ar-u-nu-arab" }[form.dataset.language] ?? "en";
  return new Intl.NumberFormat(language).format(number);
}

function addLine(lines) {
  const made = lines.querySelector("[data-line]").cloneNode(true);
  const number = lines.querySelectorAll("[data-line]").length + 1;
  made.querySelector("[name=line-code]").value = "";
  for (const field of made.querySelectorAll("input:not([type=hidden])")) {
    const id = `${field.name}-${number}`;
    made.querySelector(`label[for="${field.id}"]`).htmlFor = id;
    field.id = id;
    field.readOnly = false;
    field.value = field.name === "line-count" ? "1" : "";
  }
  lines.append(made);
  made.querySelector("[name=line-text]").focus();
}

const fieldOf = (line, name) => line.querySelector(`[name="line-${name}"]`);
const linesOf = (lines) => [...lines.querySelectorAll("[data-line]")];

// A code, or a bare price, in place of a name, with no price beside it.
function codeOf(line) {
  const number = numberOf(fieldOf(line, "text"), Number.NaN);
  const [typed, digits] = [inLatin(fieldOf(line, "text").value), latin(fieldOf(line, "text").value)];
  const code = /^\d+$/.test(digits) ? digits : Number.isNaN(number) ? typed : String(number);
  return OF_GOODS.test(code) && !fieldOf(line, "amount").value.trim() ? code : "";
}

function freeLine(lines) {
  const isFree = (line) => !fieldOf(line, "text").value.trim() && !fieldOf(line, "amount").value.trim();
  if (!linesOf(lines).some(isFree)) addLine(lines);
  return linesOf(lines).find(isFree);
}

// What a code is and costs, asked for while the next is being scanned.
async function findGoods(form, lines, line) {
  const typed = codeOf(line);
  if (!typed) return;
  const [text, fault] = [fieldOf(line, "text"), form.querySelector("[data-scan-fault]")];
  if (OF_CARDS.test(typed)) {
    fault.hidden = false;
    fault.textContent = fault.dataset.card;
    text.value = "";
    return;
  }
  const address = new URL(form.dataset.goods, location.href);
  address.searchParams.set("code", typed);
  const answer = await fetch(address, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(8000) });
  const found = await answer.json();
  fault.hidden = answer.ok;
  fault.textContent = found.fault ?? "";
  if (!answer.ok) return;
  text.value = "";
  takeGoods(form, lines, found, line);
}

function fill(form, line, found) {
  const amount = fieldOf(line, "amount");
  fieldOf(line, "code").value = found.code;
  fieldOf(line, "text").value = found.text;
  amount.value = inOwnDigits(form, found.amount);
  amount.readOnly = Boolean(found.code);
  if (!fieldOf(line, "count").value) fieldOf(line, "count").value = "1";
  showTotal(form);
}

// The same goods once more count up; others take the line they were scanned into, or the first that is empty.
function takeGoods(form, lines, found, line = null) {
  const same = linesOf(lines).find((one) => found.code && fieldOf(one, "code").value === found.code);
  if (!same) return fill(form, line ?? freeLine(lines), found);
  const count = fieldOf(same, "count");
  count.value = inOwnDigits(form, (numberOf(count, 1) || 1) + 1);
  showTotal(form);
}

// Goods that are called so are offered with their codes; the one that is chosen is taken like a scan.
const NAMED_MS = 200;
let naming;
function nameGoods(form, lines, line, event) {
  const [list, typed] = [form.querySelector("datalist"), event.target.value.trim()];
  const isChosen = event.inputType !== "insertText" && [...list.options].some((one) => one.value === typed);
  clearTimeout(naming);
  if (isChosen) {
    findGoods(form, lines, line).catch(() => {});
    freeLine(lines).querySelector("[name=line-text]").focus();
  } else if (typed.length > 1 && !codeOf(line)) {
    naming = setTimeout(() => offerNamed(form, list, typed).catch(() => {}), NAMED_MS);
  }
}

async function offerNamed(form, list, name) {
  const address = new URL(form.dataset.goods, location.href);
  address.searchParams.set("name", name);
  const answer = await fetch(address, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(8000) });
  if (!answer.ok) return;
  const { found } = await answer.json();
  list.replaceChildren(...found.map((one) => new Option(one.said, one.code)));
}

// What the camera reads stands where a scanner would have typed it, and is asked for.
function takeCode(form, lines, text) {
  const line = freeLine(lines);
  fieldOf(line, "text").value = text;
  findGoods(form, lines, line).catch(() => {});
}

function showTotal(form) {
  const place = form.querySelector("[data-total]");
  let total = 0;
  for (const line of form.querySelectorAll("[data-line]")) {
    const [count, amount] = ["count", "amount"].map((name) => line.querySelector(`[name="line-${name}"]`));
    const [pieces, price] = [numberOf(count, 1), numberOf(amount, 0)];
    for (const [field, number] of [[count, pieces], [amount, price]]) {
      if (Number.isNaN(number) && field !== document.activeElement) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    }
    if (price) total += pieces * price;
  }
  const text = Number.isSafeInteger(total) && total > 0 ? inOwnDigits(form, total) : "—";
  place.textContent = text === "—" ? text : `${text} ${place.dataset.unit}`;
  keep(form);
}

function growing(form) {
  const lines = form.querySelector("[data-lines]");
  const add = form.querySelector("[data-add-line]");
  add.hidden = false;
  add.addEventListener("click", () => addLine(lines));
  form.addEventListener("input", (event) => {
    const line = event.target.closest("[data-line]");
    if (event.target.name === "line-text" && line.querySelector("[name=line-code]").value) {
      line.querySelector("[name=line-code]").value = "";
      const amount = line.querySelector("[name=line-amount]");
      amount.readOnly = false;
      amount.value = "";
    }
    if (event.target.name === "line-text") nameGoods(form, lines, line, event);
    showTotal(form);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("[data-line] input")) return;
    event.preventDefault();
    const line = event.target.closest("[data-line]");
    if (event.target.name === "line-text" && codeOf(line)) {
      findGoods(form, lines, line).catch(() => {});
      freeLine(lines).querySelector("[name=line-text]").focus(); // for the next scan
      return;
    }
    if (event.target.name === "line-text" && !event.target.value.trim()) {
      fieldOf(line, "amount").focus(); // goods without a name: one piece, whose price is asked for
      return;
    }
    const fields = [...lines.querySelectorAll("input:not([type=hidden])")];
    const next = fields[fields.indexOf(event.target) + 1];
    if (next) next.focus();
    else addLine(lines);
  });
  bringBack(form, () => addLine(lines));
  showTotal(form);
  const free = linesOf(lines).find((line) => !fieldOf(line, "text").value && !fieldOf(line, "amount").value);
  if (free) fieldOf(free, "text").focus();
}

// Who works without a mouse types at once: into what is wrong, else into the first free field of the form that F4 sends.
function focusFirst() {
  const about = document.querySelector("main [data-about]")?.dataset.about;
  const wrong = about && document.getElementById(about);
  if (wrong) {
    wrong.setAttribute("aria-invalid", "true");
    wrong.focus();
    wrong.select?.();
    return;
  }
  if (document.activeElement !== document.body || matchMedia("(pointer: coarse)").matches) return;
  const fields = document.querySelector('main [data-shortcut="F4"]')?.form?.querySelectorAll("input:not([type=hidden], [type=radio], [type=checkbox]), textarea");
  const seen = [...(fields ?? [])].filter((field) => field.offsetParent && !field.readOnly);
  const first = seen.find((field) => field.getAttribute("aria-invalid")) ?? seen.find((field) => !field.value) ?? seen[0];
  first?.focus();
  first?.select?.();
}

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const target = document.querySelector(`[data-shortcut="${CSS.escape(event.key)}"]`);
  if (!target || target.hidden) return;
  event.preventDefault();
  target.click();
});

// A form is sent once; by the page itself where that has the words for a cut, else by the browser.
document.documentElement.dataset.sends = "till";
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.matches("main form[method=post]")) return;
  const isSent = form.dataset.sent;
  form.dataset.sent = "1";
  const stays = Boolean(document.querySelector("[data-line-note]"));
  if (isSent || stays) event.preventDefault();
  if (isSent || !stays) return;
  if (await send(form, event.submitter)) begin();
  delete form.dataset.sent;
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// The parts of the page that is shown, once it is there and again where the answer to a form has taken its place.
function begin() {
  const basket = document.querySelector("[data-basket]");
  const payment = document.querySelector("[data-payment]");
  if (basket) growing(basket);
  const number = payment?.querySelector("[name=number]");
  number?.focus();
  number?.select();
  for (const place of document.querySelectorAll("[data-reader]:not([data-reads])")) openReader(place);
  for (const place of document.querySelectorAll("[data-reads]")) {
    openTags(place, async (tag) => {
      takeGoods(basket, basket.querySelector("[data-lines]"), await askGoods(basket.dataset.goods, tag));
      return "taken_goods";
    });
  }
  for (const place of document.querySelectorAll("[data-camera]")) {
    openCamera(place, (text) => {
      if (basket) return takeCode(basket, basket.querySelector("[data-lines]"), text);
      payment.querySelector("[name=number]").value = text;
      payment.requestSubmit();
    });
  }
  focusFirst();
  tellOfCut();
}

forget();
begin();
