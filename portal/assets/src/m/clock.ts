// The right time: what the server last said it is. Phones' clocks are wrong more often than one thinks.
import { useEffect, useState } from "preact/hooks";

const BEARABLE_MS = 5 * 60_000;

let behind = 0; // by how much the phone's clock is behind, in milliseconds

/** Take note of the hour of an answer. */
export function hear(hour: string | null): void {
  const told = hour ? Date.parse(hour) : NaN;
  if (Number.isNaN(told)) return;
  const found = told - Date.now();
  const isNews = Math.abs(found) > BEARABLE_MS !== Math.abs(behind) > BEARABLE_MS;
  behind = found;
  if (isNews) dispatchEvent(new Event("clock"));
}

export function rightNow(): number {
  return Math.abs(behind) > BEARABLE_MS ? Date.now() + behind : Date.now();
}

/** By how many minutes the phone's clock is behind (ahead, if negative); 0 where it is right enough. */
export function useWrongClock(): number {
  const [minutes, setMinutes] = useState(0);
  useEffect(() => {
    const look = () => setMinutes(Math.abs(behind) > BEARABLE_MS ? Math.round(behind / 60_000) : 0);
    look();
    addEventListener("clock", look);
    return () => removeEventListener("clock", look);
  }, []);
  return minutes;
}
