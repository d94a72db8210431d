// Where the phone is, asked for only when its holder presses the button.
import { useState } from "preact/hooks";
import { metresBetween } from "./pack";
import type { Whence } from "./shapes";

const WAIT_MS = 15_000;
const HOME = "mashhad";

/** The city that was chosen last on this phone. */
export function lastCity(): string {
  return localStorage.getItem("city") ?? HOME;
}

/** As a question says it; the first city is asked for by saying nothing. */
export function chosenCity(): Record<string, string> {
  return lastCity() === HOME ? {} : { city: lastCity() };
}

export function keepCity(city: string): void {
  localStorage.setItem("city", city);
}

export function positionOf(geo: string): Whence {
  const [lat = 0, lon = 0] = geo.slice(4).split(",").map(Number);
  return { lon, lat };
}

/** The one that is nearest, and how many metres away. */
export function nearestTo<T extends { geo: string }>(here: Whence, places: T[]): [T, number] {
  const far = places.map((one): [T, number] => [one, metresBetween(here, positionOf(one.geo))]);
  return far.reduce((least, one) => (one[1] < least[1] ? one : least));
}

/** `decimals` says how exactly: three are a hundred metres. */
export function useWhere(decimals: number, told: (here: Whence) => void): { ask: () => void; isRefused: boolean } {
  const [isRefused, setRefused] = useState(false);
  const refuse = () => setRefused(true);
  const ask = () => {
    if (!navigator.geolocation) return refuse();
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        setRefused(false);
        told({ lon: Number(coords.longitude.toFixed(decimals)), lat: Number(coords.latitude.toFixed(decimals)) });
      },
      refuse,
      { timeout: WAIT_MS, maximumAge: 60_000 },
    );
  };
  return { ask, isRefused };
}
