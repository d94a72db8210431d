// A basket outlives a reload of its page: its lines and its key stay in this tab until the sale of that key is seen.
const KEPT = "pilgrim-basket";
const LASTS_MS = 3_600_000; // a key is of its day; what lies longer is scanned anew
const FIELDS = ["code", "text", "count", "amount"];

const fieldOf = (line, name) => line.querySelector(`[name="line-${name}"]`);
const linesOf = (form) => [...form.querySelectorAll("[data-line]")];
const isBlank = (line) => !["code", "text", "amount"].some((name) => fieldOf(line, name).value.trim());

function kept() {
  const found = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  return found && Date.now() - found.at < LASTS_MS ? found : null;
}

export function keep(form) {
  const lines = linesOf(form).filter((line) => !isBlank(line));
  const typed = lines.map((line) => FIELDS.map((name) => fieldOf(line, name).value));
  const key = form.elements.namedItem("key").value;
  if (typed.length) sessionStorage.setItem(KEPT, JSON.stringify({ shift: form.dataset.shift, key, typed, at: Date.now() }));
  else sessionStorage.removeItem(KEPT);
}

// Into a page whose form is still empty, of the same shift. With its key, a basket that did arrive leads to its sale.
export function bringBack(form, addLine) {
  const found = kept();
  if (!found || found.shift !== form.dataset.shift || linesOf(form).some((line) => !isBlank(line))) return;
  while (linesOf(form).length < found.typed.length) addLine();
  found.typed.forEach((values, number) => {
    const line = linesOf(form)[number];
    FIELDS.forEach((name, at) => {
      fieldOf(line, name).value = values[at];
    });
    fieldOf(line, "amount").readOnly = Boolean(values[0]);
  });
  form.elements.namedItem("key").value = found.key;
}

// The page of a sale has its basket: the next one begins empty.
export function forget() {
  const found = kept();
  if (found && location.pathname.includes(found.key)) sessionStorage.removeItem(KEPT);
}
