// The simple map: streets, metro lines and the shrine with the places of a list by their numbers; moved by thumb and by keys.
import { useMemo, useRef, useState } from "preact/hooks";
import { useCityMap } from "./maps";
import { Drawn, LEAST, MOST, SIZE, type Spot, type View } from "./drawing";
import { metresBetween } from "./pack";
import { Icon } from "./parts";
import type { Whence } from "./shapes";
import { positionOf } from "./where";
import { language, number, t } from "./words";

const STEPS_M = [50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000];
const STEP = 40;
const NEARER = 1.6;
const KEYS: Record<string, [number, number, number]> = {
  ArrowLeft: [-STEP, 0, 1], ArrowRight: [STEP, 0, 1], ArrowUp: [0, -STEP, 1], ArrowDown: [0, STEP, 1],
  "+": [0, 0, NEARER], "=": [0, 0, NEARER], "-": [0, 0, 1 / NEARER],
}; // prettier-ignore

interface Asked {
  places: { place: number; geo: string }[];
  here?: Whence | undefined;
  city?: string;
  isWalk?: boolean; // then a line leads from each place to the next
}

export function CityMap({ places, here, city, isWalk = false }: Asked) {
  const map = useCityMap(city);
  const spots = places.map((one) => positionOf(one.geo));
  const [lon, lat] = map?.corner ?? [spots[0]?.lon ?? 0, spots[0]?.lat ?? 0];
  const drawn = useMemo(() => new Drawn({ lon, lat }, map), [map, lon, lat]);
  const shown = places.map((one) => one.place).join();
  if (spots.length === 0) return null;
  return <Moved key={`${lon} ${lat} ${shown}`} drawn={drawn} places={places} spots={spots} here={here} isWalk={isWalk} sources={map?.sources} />;
}

type Held = { drawn: Drawn; places: Asked["places"]; spots: Whence[]; here: Whence | undefined; isWalk: boolean; sources: [string, string][] | undefined };

function Moved({ drawn, places, spots, here, isWalk, sources }: Held) {
  const all = (here ? [...spots, here] : spots).map((one) => drawn.spot(one));
  const first = drawn.around(all);
  const [view, setView] = useState<View>(first);
  const move = (dx: number, dy: number, nearer = 1, around: Spot = { x: SIZE / 2, y: SIZE / 2 }) =>
    setView(({ x, y, k }) => {
      const next = Math.min(MOST, Math.max(LEAST, k * nearer));
      // What lies under the thumb stays there.
      const held = 1 / k - 1 / next;
      return { x: x + ((around.x - SIZE / 2) * held + dx / next) / drawn.shrink, y: y - (around.y - SIZE / 2) * held - dy / next, k: next };
    });
  const press = (event: KeyboardEvent) => {
    const step = KEYS[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    move(...step);
  };
  const fingers = useFingers(move);
  return (
    <figure class="map">
      <div class="ground" dir="ltr">
        <div class="glass" role="application" tabIndex={0} onKeyDown={press} {...fingers} aria-label={t("Map. Arrow keys move it, plus and minus change its size.")}>
          <Picture drawn={drawn} view={view} places={places} spots={all.slice(0, spots.length)} here={here && all.at(-1)} isWalk={isWalk} />
        </div>
        <div class="turns">
          <button type="button" aria-label={t("Nearer")} onClick={() => move(0, 0, NEARER)}>
            <Icon name="plus" />
          </button>
          <button type="button" aria-label={t("Farther")} onClick={() => move(0, 0, 1 / NEARER)}>
            <Icon name="minus" />
          </button>
          <button type="button" aria-label={t("All places again")} onClick={() => setView(first)}>
            <Icon name="focus" />
          </button>
        </div>
      </div>
      <Caption drawn={drawn} view={view} sources={sources} />
    </figure>
  );
}

/** One finger moves, two also change the size. */
function useFingers(move: (dx: number, dy: number, nearer?: number, around?: Spot) => void) {
  const down = useRef(new Map<number, Spot>());
  const pointOf = (event: PointerEvent): Spot => {
    const edge = (event.currentTarget as HTMLElement).getBoundingClientRect();
    return { x: ((event.clientX - edge.x) * SIZE) / edge.width, y: ((event.clientY - edge.y) * SIZE) / edge.height };
  };
  const lift = (event: PointerEvent) => void down.current.delete(event.pointerId);
  return {
    onPointerDown: (event: PointerEvent) => {
      (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
      down.current.set(event.pointerId, pointOf(event));
    },
    onPointerMove: (event: PointerEvent) => {
      const before = down.current.get(event.pointerId);
      if (!before) return;
      const now = pointOf(event);
      const other = [...down.current].find(([id]) => id !== event.pointerId)?.[1];
      down.current.set(event.pointerId, now);
      if (!other) return move(before.x - now.x, before.y - now.y);
      const [apart, together] = [now, before].map((one) => Math.max(1, Math.hypot(one.x - other.x, one.y - other.y)));
      move(0, 0, apart! / together!, other);
    },
    onPointerUp: lift,
    onPointerCancel: lift,
  };
}

type Seen = { drawn: Drawn; view: View; places: Asked["places"]; spots: Spot[]; here: Spot | undefined; isWalk: boolean };

function Picture({ drawn, view, places, spots, here, isWalk }: Seen) {
  const frame = drawn.frame(view);
  const coarse = Math.floor(Math.log2(view.k) * 4);
  const paths = useMemo(() => drawn.paths(frame, view.k), [drawn, frame.join(), coarse]);
  const at = spots.map((one) => drawn.at(one, view));
  const shown = new Set(places.map((one) => one.place));
  const origin = drawn.at({ x: 0, y: 0 }, view);
  const spot = here && drawn.at(here, view);
  return (
    <svg viewBox={`0 0 ${SIZE} ${SIZE}`} role="img" aria-label={t("Map of where the places lie; their numbers are those of the list")}>
      <g transform={`translate(${origin.x} ${origin.y}) scale(${view.k * drawn.shrink} ${-view.k})`}>
        {paths.map(([sort, path]) => path && <path key={sort} class={`layer ${sort}`} d={path} />)}
      </g>
      {drawn.marks(view).map((one) => !shown.has(one.place) && <circle key={one.place} class={`dot ${one.kind}`} cx={one.x} cy={one.y} r={one.kind === "shrine" ? 7 : 4} />)}
      {isWalk && <polyline class="walk" points={at.map(({ x, y }) => `${x},${y}`).join(" ")} />}
      {drawn.labels(view, language(), at).map((one) => (
        <text key={`${one.sort} ${one.text}`} class={`name ${one.sort}`} x={one.x} y={one.y} dy="0.35em" transform={one.turn ? `rotate(${one.turn} ${one.x} ${one.y})` : undefined}>
          {one.text}
        </text>
      ))}
      {spot && <circle class="here" cx={spot.x} cy={spot.y} r="9" />}
      {/* The nearest is drawn last, over what lies beneath it. */}
      {at
        .map(({ x, y }, index) => (
          <g key={places[index]!.place} class="spot">
            <circle cx={x} cy={y} r="11" />
            <text x={x} y={y} dy="0.36em">
              {number(index + 1)}
            </text>
          </g>
        ))
        .reverse()}
      <path class="north" d={`M${SIZE - 20} 12l7 16-7-4-7 4z`} />
      <path class="measure" d={`M12 ${SIZE - 10}v-6m0 3h${measureOf(drawn, view) * metresToPoints(drawn, view)}m0-3v6`} />
    </svg>
  );
}

function metresToPoints(drawn: Drawn, view: View): number {
  const degree = drawn.spot({ lon: 0, lat: 1 }).y - drawn.spot({ lon: 0, lat: 0 }).y;
  return (view.k * degree) / metresBetween({ lon: 0, lat: 0 }, { lon: 0, lat: 1 });
}

function measureOf(drawn: Drawn, view: View): number {
  return STEPS_M.filter((one) => one * metresToPoints(drawn, view) < SIZE / 2).at(-1) ?? STEPS_M[0]!;
}

/** Who made the map is named where it is seen. */
function Caption({ drawn, view, sources }: { drawn: Drawn; view: View; sources: [string, string][] | undefined }) {
  return (
    <figcaption dir="auto">
      {t("The line is %(metres)s metres long; north is up.", { metres: number(measureOf(drawn, view)) })}{" "}
      {sources ? (
        <span>
          {t("Map data:")} <bdi lang="en">{sources.map(([source, licence]) => (licence === "facts" ? source : `${source} (${licence})`)).join(" · ")}</bdi>
        </span>
      ) : (
        t("No streets are known here yet.")
      )}
    </figcaption>
  );
}
