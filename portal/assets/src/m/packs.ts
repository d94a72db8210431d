// Packs of places on the phone: fetched, kept, opened once, taken away.
import { useEffect, useState } from "preact/hooks";
import { NoNetwork } from "./api";
import { rightNow } from "./clock";
import { Opened } from "./pack";
import type { Answer, Pack } from "./shapes";
import { database, type HeldPack } from "./store";
import { t } from "./words";

export type Offered = Answer<"/places/packs">["packs"][number];

let opened: Promise<Opened[]> | undefined;

addEventListener("packs", () => {
  opened = undefined;
});

export function nameOfPack(city: string, zone: string | null): string {
  return zone ? `${city}/${zone}` : city;
}

/** Every pack of the phone, opened; an empty list where there is none. */
export function openedPacks(): Promise<Opened[]> {
  opened ??= database()
    .then((store) => store.getAll("contents"))
    .then((all) => all.map((pack) => new Opened(pack)));
  return opened;
}

/** The packs, where there is no network and something is asked of them. */
export function useOpenedPacks(isWanted: boolean): Opened[] {
  const [packs, setPacks] = useState<Opened[]>([]);
  useEffect(() => {
    if (isWanted) void openedPacks().then(setPacks);
  }, [isWanted]);
  return isWanted ? packs : [];
}

export async function heldPacks(): Promise<HeldPack[]> {
  return (await database()).getAll("packs");
}

export function useHeldPacks(): HeldPack[] | undefined {
  const [held, setHeld] = useState<HeldPack[]>();
  useEffect(() => {
    const look = () => void heldPacks().then(setHeld);
    look();
    addEventListener("packs", look);
    return () => removeEventListener("packs", look);
  }, []);
  return held;
}

/** Fetch a pack whole and put it into the place of the one that was there. */
export async function fetchPack(city: string, offered: Offered): Promise<void> {
  const name = nameOfPack(city, offered.zone);
  const content = await fetched<Pack>(offered.address);
  void navigator.storage?.persist?.();
  const store = (await database()).transaction(["packs", "contents"], "readwrite");
  const { name: title, version, places, bytes } = offered;
  try {
    await Promise.all([
      store.objectStore("contents").put(content, name),
      store.objectStore("packs").put({ name, city, title, version, places, bytes, at: rightNow() }),
      store.done,
    ]);
  } catch {
    throw new Error(t("There is not enough room on the phone for it."));
  }
  dispatchEvent(new Event("packs"));
}

export async function removePack(name: string): Promise<void> {
  const store = (await database()).transaction(["packs", "contents"], "readwrite");
  await Promise.all([store.objectStore("packs").delete(name), store.objectStore("contents").delete(name), store.done]);
  dispatchEvent(new Event("packs"));
}

/** A file of the portal, which needs no sign-in. */
export async function fetched<T>(address: string): Promise<T> {
  try {
    const answer = await fetch(address, { credentials: "omit", cache: "no-cache" });
    if (answer.ok) return await answer.json();
  } catch {
    // as below
  }
  throw new NoNetwork();
}
