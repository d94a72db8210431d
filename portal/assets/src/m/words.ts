// The portal's catalogues, as JSON of what the app says; digits, money and days as people write them.
import { written } from "./calendar";

export const LANGUAGES = { fa: "فارسی", ar: "العربية", ur: "اردو", en: "English" } as const;
export type Language = keyof typeof LANGUAGES;

const NUMBERS: Record<Language, string> = { fa: "fa-IR", ur: "fa-IR", ar: "ar-u-nu-arab", en: "en" };
const RIAL: Record<Language, string> = { fa: "ریال", ur: "ریال", ar: "ريال", en: "Rial" };
const ZONE = "Asia/Tehran";

let spoken: Language = "fa";
let catalogue: Record<string, string> = {};

export function language(): Language {
  return spoken;
}

/** Load a language and turn the page to its direction. */
export async function speak(wanted: Language): Promise<void> {
  const address = document.documentElement.dataset[`words${wanted[0]!.toUpperCase()}${wanted.slice(1)}`];
  catalogue = address ? await (await fetch(address)).json() : {};
  spoken = wanted;
  localStorage.setItem("language", wanted);
  document.documentElement.lang = wanted;
  document.documentElement.dir = wanted === "en" ? "ltr" : "rtl";
}

export function firstLanguage(): Language {
  const asked = [localStorage.getItem("language"), document.documentElement.lang, "fa"];
  return asked.find((one): one is Language => one !== null && one in LANGUAGES)!;
}

/** A sentence in the language of the app, its `%(name)s` filled in. */
export function t(english: string, facts: Record<string, string | number> = {}): string {
  return (catalogue[english] || english).replace(/%\((\w+)\)s/g, (_, name: string) => String(facts[name]));
}

export function number(value: number): string {
  return new Intl.NumberFormat(NUMBERS[spoken]).format(value);
}

/** Text whose digits become those of the language. */
export function digits(text: string): string {
  return text.replace(/\d/g, (digit) => number(Number(digit)));
}

export function money(rial: number, signed = false): string {
  const plus = signed && rial > 0 ? "+" : "";
  // The number with its sign runs from left to right, whatever stands around it.
  // A mark that Intl puts before a minus would turn the whole around.
  return `\u2066${plus}${number(rial).replace("\u200e", "")}\u2069 ${RIAL[spoken]}`;
}

export function day(instant: Date): string {
  return digits(written(tehranDay(instant), spoken));
}

/** `Thursday 5 Azar`, without the year, for days that are near. */
export function nearDay(instant: Date): string {
  const weekday = new Intl.DateTimeFormat(spoken === "en" ? "en-GB" : spoken, { weekday: "long", timeZone: ZONE }).format(instant);
  return digits(`${weekday} ${written(tehranDay(instant), spoken, { year: false })}`);
}

export function clock(instant: Date): string {
  return digits(new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: ZONE }).format(instant));
}

export function moment(instant: Date): string {
  return `${day(instant)}${spoken === "en" ? "," : "،"} ${clock(instant)}`;
}

/** The day in Tehran, as the API writes it. */
export function tehranDay(instant: Date): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone: ZONE, year: "numeric", month: "2-digit", day: "2-digit" }).format(instant);
}

/** The last day before an exclusive end. */
export function lastDay(until: string): string {
  return day(new Date(new Date(until).getTime() - 1));
}

/** What people type in any digits, as ASCII. */
export function latin(text: string): string {
  return text.replace(/[۰-۹٠-٩]/g, (digit) => String(digit.charCodeAt(0) & 15));
}

/** What people type of an amount: in any digits, with separators or without. */
export function typedAmount(text: unknown): number {
  return Number(latin(String(text ?? "")).replace(/[,٬،.\s]/g, ""));
}
