// By which calendar days are written: the one chosen for the account, else the one that the language makes appointments by.
export type Calendar = "jalali" | "gregorian" | "lunar";

export interface LunarMonth {
  year: number;
  month: number;
  name: string;
  first_day: string;
}

export const CALENDARS: readonly Calendar[] = ["jalali", "gregorian", "lunar"];
const DAY_MS = 86_400_000;
const LONGEST_MONTH = 30;
// As kernel/calendar.py: Arabic as Iraq and Lebanon name the months.
const GREGORIAN: Record<string, string> = { fa: "fa-u-ca-gregory-nu-latn", ar: "ar-IQ-u-nu-latn", ur: "ur-PK-u-nu-latn", en: "en-GB" };
const JALALI: Record<string, string> = { en: "en-u-ca-persian" };
const PERSIAN = "fa-IR-u-ca-persian-nu-latn";

let chosen = CALENDARS.find((one) => one === localStorage.getItem("calendar")) ?? null;
let moon: LunarMonth[] = JSON.parse(localStorage.getItem("moon") ?? "[]");

export function chosenCalendar(): Calendar | null {
  return chosen;
}

export function keepCalendar(calendar: Calendar | null): void {
  if (calendar === chosen) return;
  chosen = calendar;
  if (calendar) localStorage.setItem("calendar", calendar);
  else localStorage.removeItem("calendar");
  dispatchEvent(new Event("calendar"));
}

/** When the months begin is Iran's to see: no phone computes it. */
export function keepMoon(months: LunarMonth[]): void {
  if (JSON.stringify(months) === JSON.stringify(moon)) return;
  moon = months;
  localStorage.setItem("moon", JSON.stringify(months));
  dispatchEvent(new Event("calendar"));
}

function civil(language: string): Calendar {
  return language === "fa" ? "jalali" : "gregorian";
}

/** `day` is ISO. Null where the months that are known do not reach. */
function lunarDay(day: string): { month: LunarMonth; number: number } | null {
  const month = moon.filter((one) => one.first_day <= day).at(-1);
  const number = month ? Math.round((Date.parse(day) - Date.parse(month.first_day)) / DAY_MS) + 1 : 0;
  return month && number <= LONGEST_MONTH ? { month, number } : null;
}

function civilDay(noon: Date, calendar: Calendar, language: string, year: boolean): string {
  const locale = calendar === "jalali" ? JALALI[language] ?? PERSIAN : GREGORIAN[language]!;
  const wanted: Intl.DateTimeFormatOptions = { day: "numeric", month: "long", timeZone: "UTC" };
  if (year) wanted.year = "numeric";
  const parts = new Intl.DateTimeFormat(locale, wanted).formatToParts(noon);
  return ["day", "month", "year"].flatMap((kind) => parts.find((one) => one.type === kind)?.value ?? []).join(" ");
}

/** A day (ISO) as its reader would say it, in ASCII digits. A lunar one has the civil one beside it, as the moon may still move it. */
export function written(day: string, language: string, { year = true } = {}): string {
  const noon = new Date(`${day}T12:00:00Z`);
  const lunar = chosen === "lunar" ? lunarDay(day) : null;
  const usual = civilDay(noon, chosen === null || chosen === "lunar" ? civil(language) : chosen, language, year);
  if (!lunar) return usual;
  return `${lunar.number} ${lunar.month.name}${year ? ` ${lunar.month.year}` : ""} (${usual})`;
}
