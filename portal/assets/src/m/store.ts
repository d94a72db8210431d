// What the phone keeps: the sign-in, the last answers for hours without a network, writes that wait for one, packs of places.
import { openDB, type DBSchema, type IDBPDatabase } from "idb";
import type { CityMap, Pack } from "./shapes";

export interface SignIn {
  refresh: string;
  renewal: string; // the idempotency key of the next renewal, kept before it is asked for
  access: string;
  usableUntil: number;
  name: string;
}

export interface Kept {
  path: string;
  etag: string;
  at: number;
  body: unknown;
}

export interface Waiting {
  key: string;
  method: "POST" | "PUT" | "DELETE";
  path: string;
  body: unknown;
  what: string;
  at: number;
  refusal?: string;
}

/** A pack without its content; `name` is the city's code, or that and the zone's. */
export interface HeldPack {
  name: string;
  city: string;
  title: string;
  version: string;
  places: number;
  bytes: number;
  at: number;
}

interface Tables extends DBSchema {
  signIn: { key: "signIn"; value: SignIn };
  kept: { key: string; value: Kept };
  outbox: { key: string; value: Waiting };
  packs: { key: string; value: HeldPack };
  contents: { key: string; value: Pack };
  maps: { key: string; value: { version: string; map: CityMap } };
}

let opened: Promise<IDBPDatabase<Tables>> | undefined;

export function database(): Promise<IDBPDatabase<Tables>> {
  opened ??= openDB<Tables>("pilgrim", 3, {
    upgrade(made, from) {
      if (from < 1) {
        made.createObjectStore("signIn");
        made.createObjectStore("kept", { keyPath: "path" });
        made.createObjectStore("outbox", { keyPath: "key" });
      }
      if (from < 2) {
        made.createObjectStore("packs", { keyPath: "name" });
        made.createObjectStore("contents");
      }
      made.createObjectStore("maps");
    },
    blocking(_from, _to, event) {
      (event.target as IDBDatabase).close(); // a newer app in another tab must not wait for this one
    },
  });
  return opened;
}

/** What is somebody's own; packs are the same for all, and stay. */
export async function forgetAll(): Promise<void> {
  const kept = await database();
  await Promise.all([kept.clear("signIn"), kept.clear("kept"), kept.clear("outbox")]);
}
