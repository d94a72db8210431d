// What of a city's map is seen in a view, and where its names go. Pure: numbers in, lines and labels out.
import type { CityMap, Whence } from "./shapes";
import { inLanguage } from "./texts";

/** On the map's own grid: steps of a hundred-thousandth of a degree from its corner, to the east and to the north. */
export interface Spot {
  x: number;
  y: number;
}

/** `k` is how many points of the drawing a step north takes. */
export interface View extends Spot {
  k: number;
}

export interface Label extends Spot {
  text: string;
  sort: string;
  turn: number; // degrees
}

export interface Mark extends Spot {
  place: number;
  kind: string;
}

interface Line {
  name: number;
  points: number[];
  box: [number, number, number, number];
}

type Box = [number, number, number, number];

export const SIZE = 360;
export const LEAST = 0.006;
export const MOST = 4;
const LETTER = 6.4; // how wide one is, about
const HIGH = 14;
const FULL = 22; // more names than that hide the map
// From which size on a layer is drawn, is named, or a kind of place is marked and named.
const DRAWN: Record<string, number> = { street: 0.12, foot: 0.25, river: 0.03 };
const NAMED: Record<string, number> = { main: 0.05, water: 0.1, park: 0.1, foot: 0.7, street: 0.5, river: 0.1, holy: 9, metro: 9 };
const MARKED: Record<string, [number, number]> = { shrine: [0, 0], metro_station: [0.012, 0.06], gate: [0.3, 0.9], courtyard: [0.5, 1.1] };
export const SORTS = ["water", "park", "holy", "river", "foot", "street", "main", "metro"];

function overlap(one: Box, other: Box): boolean {
  return one[0] < other[2] && other[0] < one[2] && one[1] < other[3] && other[1] < one[3];
}

/** A map's lines with their own corners, or, where none is known, only its grid around the first of the places. */
export class Drawn {
  readonly shrink: number;
  private readonly lines = new Map<string, Line[]>();

  constructor(
    private readonly corner: Whence,
    private readonly map: CityMap | undefined,
  ) {
    this.shrink = Math.cos((corner.lat * Math.PI) / 180);
    for (const [sort, lines] of Object.entries(map?.layers ?? {})) this.lines.set(sort, lines.map(opened));
  }

  spot({ lon, lat }: Whence): Spot {
    const scale = this.map?.scale ?? 100_000;
    return { x: (lon - this.corner.lon) * scale, y: (lat - this.corner.lat) * scale };
  }

  /** Where a spot lies in the drawing. */
  at(spot: Spot, view: View): Spot {
    return { x: SIZE / 2 + (spot.x - view.x) * view.k * this.shrink, y: SIZE / 2 - (spot.y - view.y) * view.k };
  }

  /** The view that holds all spots, with some room at the edge. */
  around(spots: Spot[]): View {
    const [xs, ys] = [spots.map((one) => one.x), spots.map((one) => one.y)];
    const [west, east, south, north] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const wide = Math.max((east - west) * this.shrink, north - south, 150);
    return { x: (west + east) / 2, y: (south + north) / 2, k: (SIZE - 64) / wide };
  }

  /** A little more than what is seen, in large steps: what is drawn stays the same while the view moves a little. */
  frame({ x, y, k }: View): Box {
    const cell = 2 ** Math.ceil(Math.log2(SIZE / k / this.shrink));
    const [column, row] = [Math.floor(x / cell), Math.floor(y / cell)];
    return [(column - 1) * cell, (row - 1) * cell, (column + 2) * cell, (row + 2) * cell];
  }

  /** The layers of a frame as paths on the map's grid, the lowest first. */
  paths(frame: Box, k: number): [string, string][] {
    return SORTS.filter((sort) => k >= (DRAWN[sort] ?? 0)).map((sort) => {
      const seen = (this.lines.get(sort) ?? []).filter((line) => overlap(line.box, frame));
      return [sort, seen.map(({ points }) => `M${points[0]} ${points[1]}L${points.slice(2).join(" ")}`).join("")];
    });
  }

  marks(view: View): Mark[] {
    return (this.map?.marks ?? [])
      .filter(([, kind]) => view.k >= (MARKED[kind]?.[0] ?? Infinity))
      .map(([place, kind, , x, y]) => ({ place, kind, ...this.at({ x, y }, view) }))
      .filter(isSeen);
  }

  /** Names that fit beside each other and hide none of the numbered places, the weightiest first. */
  labels(view: View, language: string, numbered: Spot[]): Label[] {
    const taken: Box[] = numbered.map(({ x, y }) => [x - 12, y - 12, x + 12, y + 12]);
    const placed: Label[] = [];
    for (const label of [...this.ofMarks(view, language), ...this.ofLines(view, language)]) {
      const box = boxOf(label);
      if (placed.length === FULL || box[0] < 0 || box[2] > SIZE || box[1] < 0 || box[3] > SIZE) continue;
      if (taken.some((one) => overlap(one, box))) continue;
      taken.push(box);
      placed.push(label);
    }
    return placed;
  }

  private *ofMarks(view: View, language: string): Iterable<Label> {
    for (const [, kind, name, x, y] of this.map?.marks ?? []) {
      const text = this.name(name, language);
      const at = this.at({ x, y }, view);
      if (text && view.k >= (MARKED[kind]?.[1] ?? Infinity)) yield { text, sort: kind, x: at.x, y: at.y + 14, turn: 0 };
    }
  }

  /** Each name once, where most of its line is seen. */
  private *ofLines(view: View, language: string): Iterable<Label> {
    const frame = this.frame(view);
    for (const sort of [...SORTS].reverse()) {
      if (view.k < (NAMED[sort] ?? 0)) continue;
      const best = new Map<number, { length: number; label: Label }>();
      for (const line of this.lines.get(sort) ?? []) {
        if (line.name < 0 || !overlap(line.box, frame)) continue;
        const middle = this.middle(line, view);
        const text = this.name(line.name, language);
        if (!text || !middle || middle.length < text.length * LETTER || middle.length <= (best.get(line.name)?.length ?? 0)) continue;
        const { length, x, y, turn } = middle;
        best.set(line.name, { length, label: { text, sort, x, y, turn: sort === "park" || sort === "water" ? 0 : turn } });
      }
      for (const { label } of best.values()) yield label;
    }
  }

  private name(number: number, language: string): string {
    const names = this.map?.names[number];
    return names ? inLanguage(names, language) : "";
  }

  /** How much of a line is seen, and the middle of that with its direction, never upside down. */
  private middle({ points }: Line, view: View): { length: number; x: number; y: number; turn: number } | undefined {
    const pieces: [Spot, Spot, number][] = [];
    for (let at = 2; at < points.length; at += 2) {
      const ends = [at - 2, at].map((one) => this.at({ x: points[one]!, y: points[one + 1]! }, view));
      const piece = cut(ends[0]!, ends[1]!);
      if (piece) pieces.push([...piece, Math.hypot(piece[1].x - piece[0].x, piece[1].y - piece[0].y)]);
    }
    const length = pieces.reduce((sum, [, , one]) => sum + one, 0);
    let left = length / 2;
    for (const [from, to, one] of pieces) {
      if (left > one || one === 0) {
        left -= one;
        continue;
      }
      const share = left / one;
      const turn = (Math.atan2(to.y - from.y, to.x - from.x) * 180) / Math.PI;
      const upright = turn > 90 ? turn - 180 : turn < -90 ? turn + 180 : turn;
      return { length, x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share, turn: upright };
    }
    return undefined;
  }
}

function opened([name = -1, ...steps]: number[]): Line {
  let [x, y] = [0, 0];
  const points = steps.map((step, at) => (at % 2 === 0 ? (x += step) : (y += step)));
  const [xs, ys] = [points.filter((_, at) => at % 2 === 0), points.filter((_, at) => at % 2 === 1)];
  const least = (all: number[]) => all.reduce((one, other) => Math.min(one, other));
  const most = (all: number[]) => all.reduce((one, other) => Math.max(one, other));
  return { name, points, box: [least(xs), least(ys), most(xs), most(ys)] };
}

function isSeen({ x, y }: Spot): boolean {
  return x >= 0 && y >= 0 && x <= SIZE && y <= SIZE;
}

function boxOf({ text, x, y, turn }: Label): Box {
  const [cosine, sine] = [Math.abs(Math.cos((turn * Math.PI) / 180)), Math.abs(Math.sin((turn * Math.PI) / 180))];
  const wide = text.length * LETTER;
  const [half, tall] = [(wide * cosine + HIGH * sine) / 2, (wide * sine + HIGH * cosine) / 2];
  return [x - half, y - tall, x + half, y + tall];
}

/** The part of a straight line that lies in the drawing (Liang and Barsky 1984). */
function cut(from: Spot, to: Spot): [Spot, Spot] | undefined {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  let [first, last] = [0, 1];
  for (const [step, room] of [[-dx, from.x], [dx, SIZE - from.x], [-dy, from.y], [dy, SIZE - from.y]] as const) {
    if (step === 0 && room < 0) return undefined;
    if (step < 0) first = Math.max(first, room / step);
    if (step > 0) last = Math.min(last, room / step);
  }
  const at = (share: number) => ({ x: from.x + dx * share, y: from.y + dy * share });
  return first < last ? [at(first), at(last)] : undefined;
}
