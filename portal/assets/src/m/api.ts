// The API as the document types it: answers are kept for hours without a network, writes wait for one under their own key.
import { keepCalendar } from "./calendar";
import { hear, rightNow } from "./clock";
import type { Answer, Body, Of, With } from "./shapes";
import { database, forgetAll, type SignIn, type Waiting } from "./store";
import { hearVersion } from "./version";
import { language, t } from "./words";

const BASE = "/api/v1";
const RELEASE = "2"; // as mobile_api/releases.py counts
const SPARE_MS = 30_000;
const READ_MS = 15_000; // after that a weak network is none, and what is kept is shown
const WRITE_MS = 60_000; // a photo takes its time; what was not answered by then is sent again under its key

export interface Seen<T> {
  body: T;
  at: number;
  isOld: boolean; // from before: there is no network
}

/** A refusal of the API: a sentence in the language of the app, and its code. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    sentence: string,
    readonly facts: Record<string, unknown>,
  ) {
    super(sentence);
  }
}

export class NoNetwork extends Error {}

async function send(method: string, path: string, headers: Record<string, string>, body?: unknown): Promise<Response> {
  const asked: RequestInit = { method, headers: { ...headers, "Accept-Language": language(), "Pilgrim-App": RELEASE }, cache: "no-store", credentials: "omit" };
  if (body !== undefined) asked.body = JSON.stringify(body);
  const end = new AbortController();
  const wait = setTimeout(() => end.abort(), method === "GET" ? READ_MS : WRITE_MS);
  try {
    const answer = await fetch(BASE + path, { ...asked, signal: end.signal });
    hear(answer.headers.get("Date"));
    hearVersion(answer.headers.get("Sunset"));
    return answer;
  } catch {
    throw new NoNetwork();
  } finally {
    clearTimeout(wait);
  }
}

async function refusal(answer: Response): Promise<Error> {
  if (answer.status >= 502) return new NoNetwork();
  const told = await answer.json().catch(() => ({}));
  if (answer.status === 426) {
    hearVersion(null, told.detail); // the banner says why; what is kept is still shown, and writes wait for the newer version
    return new NoNetwork();
  }
  return new Refusal(answer.status, told.code ?? "malfunction", told.detail ?? t("Something went wrong. Please try again."), told.facts ?? {});
}

async function keepSignIn(told: Answer<"/session", "post">): Promise<SignIn> {
  const made: SignIn = {
    refresh: told.refresh_token,
    renewal: crypto.randomUUID(),
    access: told.access_token,
    usableUntil: Date.now() + told.expires_in * 1000 - SPARE_MS,
    name: told.person.name,
  };
  await (await database()).put("signIn", made, "signIn");
  return made;
}

export async function signedIn(): Promise<SignIn | undefined> {
  return (await database()).get("signIn", "signIn");
}

export type Door = "/session" | "/session/phone/code" | "/session/document" | "/session/card";

/** What somebody who is not signed in yet may ask: for a code, to be let in, to be expected. */
export async function ask<P extends Door | "/session/phone" | "/coming">(
  path: P,
  body: Body<Of<P, "post">>,
): Promise<Answer<P, "post">> {
  const answer = await send("POST", path, {}, body);
  if (!answer.ok) throw await refusal(answer);
  return answer.json();
}

/** Sign in by any of the ways that answer with tokens. */
export async function signIn<P extends Door>(path: P, body: Body<Of<P, "post">>): Promise<void> {
  await keepSignIn(await ask(path, body));
}

export async function signOut(): Promise<void> {
  const held = await signedIn();
  await forgetMine();
  if (held) await send("POST", "/session/end", {}, { refresh_token: held.refresh }).catch(() => undefined);
}

/** A token that is good for a while. One renewal at a time, whatever tabs are open: a refresh token works once. */
async function access(): Promise<string> {
  const held = await signedIn();
  if (held && held.usableUntil > Date.now()) return held.access;
  return navigator.locks.request("renewal", async () => {
    const now = await signedIn();
    if (!now) throw new Refusal(401, "sign_in_required", t("Please sign in."), {});
    if (now.usableUntil > Date.now()) return now.access;
    const answer = await send("POST", "/session/refresh", { "Idempotency-Key": now.renewal }, { refresh_token: now.refresh });
    if (answer.ok) return (await keepSignIn(await answer.json())).access;
    const refused = await refusal(answer);
    if (answer.status === 401) {
      await forgetMine();
      dispatchEvent(new Event("signed-out"));
    }
    throw refused;
  });
}

function filled(path: string, values: Record<string, string | number>): string {
  return path.replace(/{(\w+)}/g, (_, name: string) => encodeURIComponent(String(values[name])));
}

/** Read; without a network what was read last. `query` and `values` are put into the address. */
export async function read<P extends With<"get">>(
  path: P,
  { values = {}, query = {} }: { values?: Record<string, string | number>; query?: Record<string, string> } = {},
): Promise<Seen<Answer<P>>> {
  const asked = filled(path, values) + (Object.keys(query).length ? `?${new URLSearchParams(query)}` : "");
  const name = `${language()} ${asked}`;
  const store = await database();
  const kept = await store.get("kept", name);
  try {
    const headers: Record<string, string> = { Authorization: `Bearer ${await access()}` };
    if (kept) headers["If-None-Match"] = kept.etag;
    const answer = await send("GET", asked, headers);
    if (answer.status === 304 && kept) {
      await store.put("kept", { ...kept, at: rightNow() });
      return { body: kept.body as Answer<P>, at: rightNow(), isOld: false };
    }
    if (!answer.ok) throw await refusal(answer);
    const body = await answer.json();
    await store.put("kept", { path: name, etag: answer.headers.get("ETag") ?? "", at: rightNow(), body });
    return { body, at: rightNow(), isOld: false };
  } catch (error) {
    if (error instanceof NoNetwork && kept) return { body: kept.body as Answer<P>, at: kept.at, isOld: true };
    throw error;
  }
}

/** Read what is of no use later, and is not kept. */
export async function fresh<P extends With<"get">>(path: P, values: Record<string, string | number> = {}): Promise<Answer<P>> {
  const answer = await send("GET", filled(path, values), { Authorization: `Bearer ${await access()}` });
  if (!answer.ok) throw await refusal(answer);
  return answer.json();
}

/** A file of somebody's own, which no address opens without the sign-in. */
export async function file<P extends With<"get">>(path: P, values: Record<string, string | number>): Promise<Blob> {
  const answer = await send("GET", filled(path, values), { Authorization: `Bearer ${await access()}` });
  if (!answer.ok) throw await refusal(answer);
  return answer.blob();
}

/** Write at once, or leave it in the outbox: `what` tells the person what waits. Returns whether it is done. */
export async function write<M extends "post" | "put" | "delete", P extends With<M>>(
  method: M,
  path: P,
  what: string,
  { values = {}, body }: { values?: Record<string, string | number>; body?: Body<Of<P, M>> } = {},
): Promise<boolean> {
  const waiting: Waiting = {
    key: crypto.randomUUID(),
    method: method.toUpperCase() as Waiting["method"],
    path: filled(path, values),
    body,
    what,
    at: Date.now(), // by the phone, as it tells which was first
  };
  const store = await database();
  await store.put("outbox", waiting);
  try {
    await deliver(waiting);
    return true;
  } catch (error) {
    if (error instanceof NoNetwork) return false;
    await store.delete("outbox", waiting.key);
    throw error;
  } finally {
    dispatchEvent(new Event("outbox"));
  }
}

/** Write now or not at all, for what must not happen hours later. Who tries again gives the same key: it happens once. */
export async function act<M extends "post" | "put" | "delete", P extends With<M>>(
  method: M,
  path: P,
  key: string,
  { values = {}, body }: { values?: Record<string, string | number>; body?: Body<Of<P, M>> } = {},
): Promise<Answer<P, M>> {
  const headers = { Authorization: `Bearer ${await access()}`, "Idempotency-Key": key };
  const answer = await send(method.toUpperCase(), filled(path, values), headers, body);
  if (!answer.ok) throw await refusal(answer);
  dispatchEvent(new Event("outbox"));
  return answer.status === 204 ? (undefined as Answer<P, M>) : answer.json();
}

async function deliver(waiting: Waiting): Promise<void> {
  const headers = { Authorization: `Bearer ${await access()}`, "Idempotency-Key": waiting.key };
  const answer = await send(waiting.method, waiting.path, headers, waiting.body);
  if (!answer.ok) throw await refusal(answer);
  await (await database()).delete("outbox", waiting.key);
}

/** Send what waits, the oldest first. What is refused stays to be seen, with its sentence, until it is put away. */
export async function flush(): Promise<void> {
  await navigator.locks.request("outbox", async () => {
    const store = await database();
    const all = (await store.getAll("outbox")).filter((one) => !one.refusal).sort((one, other) => one.at - other.at);
    for (const waiting of all) {
      try {
        await deliver(waiting);
      } catch (error) {
        if (error instanceof NoNetwork || (error instanceof Refusal && [401, 429, 503].includes(error.status))) return;
        await store.put("outbox", { ...waiting, refusal: (error as Error).message });
      }
    }
  });
  dispatchEvent(new Event("outbox"));
}

/** After leaving for good: as signing out, but there is nothing left to tell the server. */
export async function putAwayAll(): Promise<void> {
  await forgetMine();
  dispatchEvent(new Event("signed-out"));
}

async function forgetMine(): Promise<void> {
  await forgetAll();
  keepCalendar(null);
}

export async function waitingWrites(): Promise<Waiting[]> {
  return (await (await database()).getAll("outbox")).sort((one, other) => one.at - other.at);
}

export async function putAway(key: string): Promise<void> {
  await (await database()).delete("outbox", key);
  dispatchEvent(new Event("outbox"));
}
