// A part of the directory as it is kept on the phone: searched, put in order and told as the API would. Pure.
import type { Answer, Level, Pack, Place, Texts, Whence } from "./shapes";
import { inLanguage } from "./texts";
import { minutesOf, shortestWalk, type Wanted, type Way } from "./walk";

/** A place of a pack: what its row says, by the names of `fields`. */
interface Row {
  id: number;
  parent: number | null;
  kind: number;
  category: string | null;
  lon: number;
  lat: number;
  names: Texts;
  rule: number | null;
  source: number;
  flags: number;
  languages: string[];
  confirmed: string | null;
  night: number | null;
  about?: Texts | null;
  // Days of the last changes; while the page is being updated also until which minute, and what was said of it.
  page?: [string | null, string | null, number?, (Texts | null)?] | null;
}

export interface Told extends Place {
  lon: number;
  lat: number;
}

type Detail = Answer<"/places/{place_id}">;
type Past = Detail["history"][number];
type Own = Detail["own"][number];
type WalkTold = Answer<"/places/{place_id}/walk">;
type Prayer = "fajr" | "sunrise" | "noon" | "sunset" | "maghrib" | "isha" | "midnight";

const EARTH_M = 6_371_000;
const WALK_FACTOR = 1.3;
const MINUTE_MS = 60_000;
// As the API: who asks for no kind and no name sees what one looks for.
const PARTS = ["courtyard", "gate", "office"];
const FLAGS = ["earns", "spends", "discounts", "instalments", "women", "handicraft"];

const FOLDED: Record<string, string> = { ي: "ی", ى: "ی", ئ: "ی", ك: "ک", ة: "ه", ۀ: "ه", أ: "ا", إ: "ا", ٱ: "ا", آ: "ا", ؤ: "و" };

/** As the server folds names to be searched for (`search_key`). */
export function folded(text: string): string {
  return text
    .toLowerCase()
    .replace(/[\u064b-\u0652\u0670\u200cـء]/g, "")
    .replace(/[۰-۹٠-٩]/g, (digit) => String(digit.charCodeAt(0) & 15))
    .replace(/[يىئكةۀأإٱآؤ]/g, (letter) => FOLDED[letter]!)
    .trim();
}

function words(text: string): string[] {
  return folded(text).match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** Whether it is open, and when that changes; null for a time that the pack does not cover. `turns` as packs.py tells them. */
export function stateAt(turns: number[], minute: number): { isOpen: boolean; changes: number | null } | null {
  const [known = 0, ...lengths] = turns;
  if (minute < 0 || minute >= known) return null;
  let at = 0;
  for (const [turn, length] of lengths.entries()) {
    at += length;
    if (minute < at) return { isOpen: turn % 2 === 1, changes: at < known ? at : null };
  }
  return { isOpen: false, changes: null };
}

export function metresBetween(one: Whence, other: Whence): number {
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const half =
    Math.sin(radians(other.lat - one.lat) / 2) ** 2 +
    Math.cos(radians(one.lat)) * Math.cos(radians(other.lat)) * Math.sin(radians(other.lon - one.lon) / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(half)));
}

function updatingUntil({ page }: Row, now: number): string | null {
  const until = (page?.[2] ?? 0) * MINUTE_MS;
  return until > now ? new Date(until).toISOString() : null;
}

/** One pack, opened: its rows by name. */
export class Opened {
  readonly rows: Row[];
  private readonly known = new Map<Row, string[]>();

  constructor(readonly pack: Pack) {
    this.rows = pack.places.map((row) => Object.fromEntries(pack.fields.map((field, at) => [field, row[at]])) as unknown as Row);
  }

  told(row: Row, language: string, now: number, from?: Whence): Told {
    const { pack } = this;
    const [lon, lat] = [pack.corner[0] + row.lon / pack.scale, pack.corner[1] + row.lat / pack.scale];
    const distance = from ? metresBetween(from, { lon, lat }) : null;
    const state = row.rule === null ? null : stateAt(pack.open[row.rule]!, Math.floor(now / MINUTE_MS) - pack.open_from);
    const changes = state?.changes ?? null;
    return {
      place: row.id,
      name: inLanguage(row.names, language),
      kind: pack.kinds[row.kind]!,
      category: row.category,
      geo: `geo:${lat.toFixed(6)},${lon.toFixed(6)}`,
      distance_m: distance === null ? null : Math.round(distance),
      walk_m: distance === null ? null : Math.round((distance * WALK_FACTOR) / 10) * 10,
      is_open: state?.isOpen ?? null,
      changes_at: changes === null ? null : new Date((pack.open_from + changes) * MINUTE_MS).toISOString(),
      wheelchair: (["yes", "limited", "no"] as const).find((one) => this.has(row, one === "yes" ? "wheelchair" : `wheelchair_${one}`)) ?? null,
      has_women_area: this.has(row, "women"),
      is_handicraft: this.has(row, "handicraft"),
      earns: this.has(row, "earns"),
      spends: this.has(row, "spends"),
      discounts: this.has(row, "discounts"),
      instalments: this.has(row, "instalments"),
      speaks: row.languages,
      night_rial: row.night,
      updating_until: updatingUntil(row, now),
      lon,
      lat,
    };
  }

  fits(row: Row, asked: Record<string, string>): boolean {
    const kind = this.pack.kinds[row.kind]!;
    const wanted = words(asked["text"] ?? "");
    if (asked["kind"] ? kind !== asked["kind"] : wanted.length === 0 && PARTS.includes(kind)) return false;
    if (asked["category"] && row.category !== asked["category"]) return false;
    if (asked["speaks"] && !row.languages.includes(asked["speaks"])) return false;
    if (asked["wheelchair"] && !this.has(row, "wheelchair") && !this.has(row, "wheelchair_limited")) return false;
    if (asked["most_rial"] && !(row.night !== null && row.night <= Number(asked["most_rial"]))) return false;
    if (FLAGS.some((flag) => asked[flag] && !this.has(row, flag))) return false;
    return wanted.every((word) => this.words(row).some((one) => one.startsWith(word)));
  }

  /** The hours in a sentence. */
  hours(row: Row, language: string): string | null {
    return row.rule === null ? null : inLanguage(this.pack.rules[row.rule]!, language);
  }

  /** How crowded a place was when somebody last looked. */
  crowd(id: number): { crowd: Level | null; crowd_at: string | null } {
    const [, level, told] = this.pack.crowd?.find(([place]) => place === id) ?? [id, null, 0];
    return { crowd: level, crowd_at: level && new Date(told * MINUTE_MS).toISOString() };
  }

  /** What is known of a place's past, and what a shop says in fields of its own. */
  said(id: number, language: string): { history: Past[]; own: Own[] } {
    const [, past, own] = this.pack.words?.find(([place]) => place === id) ?? [id, [], []];
    return {
      history: past.map(([kind, texts, year, calendar, is_about, from]) => {
        const [source, licence] = this.pack.sources[from]!;
        return { kind, text: inLanguage(texts, language), year, calendar, is_about, source, licence };
      }),
      own: own.map(([names, kind, value]) => ({ name: inLanguage(names, language), kind, value })),
    };
  }

  /** Small ones only: there is no large one on the phone. */
  photos(id: number): Detail["photos"] {
    const held = (this.pack.photos ?? []).filter(([place]) => place === id);
    return held.map(([, caption, from, picture]) => {
      const [source, licence] = this.pack.sources[from]!;
      return { large: "", small: `data:image/webp;base64,${picture}`, caption, source, licence };
    });
  }

  /** Those that are full, as far as one still knows. */
  full(now: number): Set<number> {
    const noted = this.pack.crowd ?? [];
    return new Set(noted.filter(([, level, , until]) => level === "full" && until * MINUTE_MS > now).map(([place]) => place));
  }

  /** The ways that touch one of the places. */
  ways(places: Set<number>): Way[] {
    const { steps = 0, women = 0 } = this.pack.way_flags ?? {};
    return (this.pack.ways ?? [])
      .filter(([one, other]) => places.has(one) || places.has(other))
      .map(([one, other, metres, flags]) => ({ one, other, metres, hasSteps: (flags & steps) !== 0, forWomen: (flags & women) !== 0 }));
  }

  private has(row: Row, flag: string): boolean {
    return (row.flags & (this.pack.flags[flag] ?? 0)) !== 0;
  }

  private words(row: Row): string[] {
    const held = this.known.get(row) ?? Object.values(row.names).flatMap(words);
    this.known.set(row, held);
    return held;
  }
}

/** What the packs hold of what is asked for, the nearest first; a place stands in a city's pack and in its zone's. */
export function search(packs: Opened[], asked: Record<string, string>, language: string, now: number, whence?: Whence): Told[] {
  const ofCity = packs.filter((one) => !asked["city"] || one.pack.city === asked["city"]);
  const first = ofCity[0]?.pack.corner;
  const from = whence ?? (first && { lon: first[0], lat: first[1] });
  const found = new Map<number, Told>();
  for (const opened of ofCity) {
    for (const row of opened.rows) {
      if (found.has(row.id) || !opened.fits(row, asked)) continue;
      const told = opened.told(row, language, now, from);
      if (!asked["open_now"] || told.is_open) found.set(row.id, told);
    }
  }
  return [...found.values()].sort((one, other) => one.distance_m! - other.distance_m! || one.place - other.place);
}

/** One place with what it is a part of and what its parts are, as far as the packs know. */
export function whole(packs: Opened[], id: number, language: string, now: number): Detail | undefined {
  for (const opened of packs) {
    const row = opened.rows.find((one) => one.id === id);
    if (!row) continue;
    const [source, licence] = opened.pack.sources[row.source]!;
    const part = (one: Row) => ({ ...opened.told(one, language, now), ...opened.crowd(one.id) });
    const parent = opened.rows.find((one) => one.id === row.parent);
    return {
      place: opened.told(row, language, now),
      about: inLanguage(row.about ?? {}, language) || null,
      ...opened.crowd(id),
      photos: opened.photos(id),
      hours: opened.hours(row, language),
      speaks: row.languages,
      confirmed_at: row.confirmed,
      changed_at: row.page?.[0] ?? null,
      prices_changed_at: row.page?.[1] ?? null,
      updating_note: (updatingUntil(row, now) && inLanguage(row.page?.[3] ?? {}, language)) || null,
      ...opened.said(id, language),
      source,
      licence,
      parent: parent ? part(parent) : null,
      parts: opened.rows.filter((one) => one.parent === id).map(part),
    };
  }
  return undefined;
}

/** The shortest walk from one part of a shrine to another, as the API tells it; undefined where no pack knows both. */
export function walkOf(packs: Opened[], from: number, to: number, wanted: Wanted, language: string, now: number): WalkTold | undefined {
  for (const opened of packs) {
    const [start, goal] = [from, to].map((id) => opened.rows.find((one) => one.id === id));
    if (!start || !goal || !opened.pack.ways) continue;
    const top = start.parent ?? start.id;
    const family = new Map(opened.rows.filter((one) => one.id === top || one.parent === top).map((one) => [one.id, one]));
    if (!family.has(to)) return undefined;
    const ways = opened.ways(new Set(family.keys()));
    const walk = shortestWalk(ways, from, to, wanted, opened.full(now)) ?? shortestWalk(ways, from, to, wanted);
    if (!walk) return { stops: [], metres: 0, minutes: 0 };
    const stops = walk.places.map((place, at) => {
      const [row, leg] = [family.get(place), walk.legs[at - 1]];
      const led = { metres: leg?.metres ?? 0, has_steps: leg?.hasSteps ?? false, for_women: leg?.forWomen ?? false };
      return row && { place, name: inLanguage(row.names, language), ...opened.crowd(place), ...led };
    });
    return { stops: stops.filter((one) => one !== undefined), metres: walk.metres, minutes: minutesOf(walk.metres) };
  }
  return undefined;
}

/** The instants of a day's prayers by name, for a day that a pack still holds. Tehran keeps one hour all year. */
export function prayersOf(packs: Opened[], day: string): Record<Prayer, string> | undefined {
  for (const { pack } of packs) {
    const times = pack.prayers.days.find(([one]) => one === day)?.slice(1);
    if (!times) continue;
    const noon = times[pack.prayers.events.indexOf("noon")]!;
    const entries = pack.prayers.events.map((event, at) => {
      const instant = Date.parse(`${day}T${times[at]}:00+03:30`);
      const isNextDay = event === "midnight" && times[at]! < noon;
      return [event, new Date(isNextDay ? instant + 86_400_000 : instant).toISOString()];
    });
    return Object.fromEntries(entries) as Record<Prayer, string>;
  }
  return undefined;
}
