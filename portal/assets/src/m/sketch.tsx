// A plain drawing of where places lie from each other, north up: it needs neither a network nor a map.
import { metresBetween, type Whence } from "./pack";
import type { Place } from "./places";
import { positionOf } from "./where";
import { number, t } from "./words";

const SIZE = 320;
const EDGE = 26;
const STEPS_M = [50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];

/** The places by their numbers in the list, the holder as a ring, and a measure; of a walk also the line from each to the next. */
export function Sketch({ places, here, isWalk = false }: { places: Pick<Place, "place" | "geo">[]; here?: Whence | undefined; isWalk?: boolean }) {
  const spots = places.map((one) => positionOf(one.geo));
  const all = here ? [...spots, here] : spots;
  if (all.length < 2) return null;
  const [west, east] = [Math.min(...all.map((one) => one.lon)), Math.max(...all.map((one) => one.lon))];
  const [south, north] = [Math.min(...all.map((one) => one.lat)), Math.max(...all.map((one) => one.lat))];
  const middle = { lon: (west + east) / 2, lat: (south + north) / 2 };
  const shrunk = Math.cos((middle.lat * Math.PI) / 180);
  const wide = Math.max((east - west) * shrunk, north - south, 0.0005);
  const scale = (SIZE - 2 * EDGE) / wide;
  const x = (one: Whence) => SIZE / 2 + (one.lon - middle.lon) * shrunk * scale;
  const y = (one: Whence) => SIZE / 2 - (one.lat - middle.lat) * scale;
  const metre = scale / metresBetween({ lon: 0, lat: 0 }, { lon: 0, lat: 1 });
  const measure = STEPS_M.filter((one) => one * metre < SIZE / 2).at(-1) ?? STEPS_M[0]!;
  return (
    <figure class="sketch" dir="ltr">
      <svg viewBox={`0 0 ${SIZE} ${SIZE}`} role="img" aria-label={t("Drawing of where the places lie; their numbers are those of the list")}>
        <rect class="ground" width={SIZE} height={SIZE} rx="12" />
        <path class="north" d={`M${SIZE - 20} 12l7 16-7-4-7 4z`} />
        {isWalk && <polyline class="walk" points={spots.map((one) => `${x(one)},${y(one)}`).join(" ")} />}
        {here && <circle class="here" cx={x(here)} cy={y(here)} r="9" />}
        {/* The nearest is drawn last, over what lies beneath it. */}
        {spots
          .map((one, at) => (
            <g key={places[at]!.place} class="spot">
              <circle cx={x(one)} cy={y(one)} r="11" />
              <text x={x(one)} y={y(one)} dy="0.36em">
                {number(at + 1)}
              </text>
            </g>
          ))
          .reverse()}
        <path class="measure" d={`M12 ${SIZE - 10}v-6m0 3h${measure * metre}m0-3v6`} />
      </svg>
      <figcaption dir="auto">{t("The line is %(metres)s metres long; north is up. No streets are drawn.", { metres: number(measure) })}</figcaption>
    </figure>
  );
}
