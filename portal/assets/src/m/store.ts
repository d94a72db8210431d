// What the phone keeps: the sign-in, the last answers for hours without a network, and writes that wait for one.
import { openDB, type DBSchema, type IDBPDatabase } from "idb";

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

interface Tables extends DBSchema {
  signIn: { key: "signIn"; value: SignIn };
  kept: { key: string; value: Kept };
  outbox: { key: string; value: Waiting };
}

let opened: Promise<IDBPDatabase<Tables>> | undefined;

export function database(): Promise<IDBPDatabase<Tables>> {
  opened ??= openDB<Tables>("pilgrim", 1, {
    upgrade(made) {
      made.createObjectStore("signIn");
      made.createObjectStore("kept", { keyPath: "path" });
      made.createObjectStore("outbox", { keyPath: "key" });
    },
  });
  return opened;
}

export async function forgetAll(): Promise<void> {
  const kept = await database();
  await Promise.all([kept.clear("signIn"), kept.clear("kept"), kept.clear("outbox")]);
}
