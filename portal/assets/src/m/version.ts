// A newer version is offered, one that stops being answered says until when, and one that is too old says why.
import { useEffect, useState } from "preact/hooks";

let waiting: ServiceWorker | null = null;
let ends: Date | undefined;
let tooOld = "";

function tell(): void {
  dispatchEvent(new Event("version"));
}

/** What an answer says of this version: until when its operation is answered (RFC 8594), or that it is too old. */
export function hearVersion(sunset: string | null, refused = ""): void {
  const until = sunset ? new Date(sunset) : undefined;
  const isSooner = until !== undefined && (ends === undefined || until < ends);
  if (!isSooner && (!refused || refused === tooOld)) return;
  if (isSooner) ends = until;
  if (refused) tooOld = refused;
  tell();
}

/** Keep the worker, and notice a newer one; the first of all has nothing to wait for. */
export async function keepWorker(): Promise<void> {
  const kept = await navigator.serviceWorker?.register("/m/sw.js", { scope: "/m" });
  if (!kept) return;
  const look = () => {
    if (!navigator.serviceWorker.controller || waiting === kept.waiting) return;
    waiting = kept.waiting;
    tell();
  };
  look();
  kept.addEventListener("updatefound", () => kept.installing?.addEventListener("statechange", look));
  let isReplaced = false;
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (waiting && !isReplaced) location.reload();
    isReplaced = true;
  });
}

/** Take the newest version. What waits to be sent stays on the phone. */
export async function update(): Promise<void> {
  if (waiting) return waiting.postMessage("take over");
  const kept = await navigator.serviceWorker?.getRegistration("/m");
  await kept?.update().catch(() => undefined);
  if (kept?.waiting) {
    waiting = kept.waiting;
    waiting.postMessage("take over");
  } else location.reload();
}

export function useVersion(): { isNewer: boolean; ends: Date | undefined; tooOld: string } {
  const now = () => ({ isNewer: waiting !== null, ends, tooOld });
  const [version, setVersion] = useState(now);
  useEffect(() => {
    const look = () => setVersion(now());
    look();
    addEventListener("version", look);
    return () => removeEventListener("version", look);
  }, []);
  return version;
}
