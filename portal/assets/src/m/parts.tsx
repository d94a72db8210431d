// Small parts that every screen uses.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { NoNetwork, Refusal, read, type Seen } from "./api";
import type { Answer, With } from "./shapes";
import { moment, t } from "./words";

export function Icon({ name, turns = false }: { name: string; turns?: boolean }) {
  const sprite = document.documentElement.dataset["icons"];
  return (
    <svg class={turns ? "icon icon-turns" : "icon"} aria-hidden="true" focusable="false">
      <use href={`${sprite}#${name}`} />
    </svg>
  );
}

/** A screen begins with its heading, which gets the focus when the screen is entered. */
export function Screen({ title, children }: { title: string; children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} | ${t("Pilgrim Card")}`;
    heading.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [title]);
  return (
    <main class="screen">
      <h1 tabIndex={-1} ref={heading}>
        {title}
      </h1>
      {children}
    </main>
  );
}

export function Note({ icon, kind = "", children }: { icon: string; kind?: string; children: ComponentChildren }) {
  return (
    <p class={`note ${kind}`} role={kind === "fault" ? "alert" : "status"}>
      <Icon name={icon} />
      <span>{children}</span>
    </p>
  );
}

/** A refusal, if there is one. */
export function Fault({ says }: { says: string | undefined }) {
  if (!says) return null;
  return (
    <Note icon="alert-triangle" kind="fault">
      {says}
    </Note>
  );
}

export function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <bdi>{value}</bdi>
      </dd>
    </div>
  );
}

/** One of a list of codes and words; `any` stands first where nothing need be chosen. */
export function Choice({ label, of, is, any, name, choose }: { label: string; of: readonly (readonly [string, string])[]; is: string | null | undefined; any?: string | undefined; name?: string | undefined; choose?: ((code: string) => void) | undefined }) {
  return (
    <label>
      <span>{label}</span>
      <select name={name} onChange={(event) => choose?.(event.currentTarget.value)}>
        {any && <option value="">{any}</option>}
        {of.map(([code, word]) => (
          <option key={code} value={code} selected={code === is}>
            {word}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Dark modules as one path on white, whatever the theme: scanners want it so. */
export function QR({ rows, says }: { rows: string[]; says: string }) {
  const path = rows.flatMap((row, y) => [...row.matchAll(/1+/g)].map((run) => `M${run.index + 4} ${y + 4}h${run[0].length}v1h-${run[0].length}z`));
  const size = rows.length + 8;
  return (
    <svg class="qr" role="img" aria-label={says} viewBox={`0 0 ${size} ${size}`} shape-rendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={path.join("")} fill="#000" />
    </svg>
  );
}

/** A list by pages; each further one is fetched when its button is pressed. Whoever asks another question gives another key. */
export function Pages({ of }: { of: (cursor: string, further: (next: string | number | null) => ComponentChildren) => ComponentChildren }) {
  const [more, setMore] = useState<string[]>([]);
  const last = more.at(-1) ?? "";
  const further = (cursor: string) => (next: string | number | null) =>
    next !== null &&
    cursor === last && (
      <button class="button quiet" onClick={() => setMore([...more, String(next)])}>
        {t("Show more")}
      </button>
    );
  return <>{["", ...more].map((cursor) => of(cursor, further(cursor)))}</>;
}

export interface Reading<T> {
  seen?: Seen<T>;
  fault?: string;
  code?: string | undefined; // of the refusal, if the fault is one
  isCut?: boolean; // there is no network: what is shown, if anything, is from before
  again: () => void;
}

/** What a screen shows, read when it is entered and again when the network is back or something was written. */
export function useRead<P extends With<"get">>(path: P, asked: Parameters<typeof read<P>>[1] = {}): Reading<Answer<P>> {
  const [reading, setReading] = useState<Omit<Reading<Answer<P>>, "again">>({});
  const [turn, setTurn] = useState(0);
  const again = () => setTurn((one) => one + 1);
  const key = JSON.stringify(asked);
  useEffect(() => {
    let isGone = false;
    read(path, asked).then(
      (seen) => isGone || setReading({ seen, isCut: seen.isOld }),
      (error: Error) => isGone || setReading((held) => ({ ...held, fault: faultOf(error), code: error instanceof Refusal ? error.code : undefined, isCut: error instanceof NoNetwork })),
    );
    return () => {
      isGone = true;
    };
  }, [path, key, turn]);
  useEffect(() => {
    addEventListener("online", again);
    addEventListener("outbox", again);
    return () => {
      removeEventListener("online", again);
      removeEventListener("outbox", again);
    };
  }, []);
  return { ...reading, again };
}

export function faultOf(error: Error): string {
  return error instanceof NoNetwork ? t("There is no network, and this page was not opened here before.") : error.message;
}

/** What was read: the screen, a fault, or that it is being fetched; old answers say from when they are. */
export function Shown<T>({ reading, children }: { reading: Reading<T>; children: (body: T) => ComponentChildren }) {
  const { seen, fault, again } = reading;
  return (
    <>
      {seen?.isOld && <Note icon="wifi-off">{t("No network. As of %(moment)s.", { moment: moment(new Date(seen.at)) })}</Note>}
      {fault && !seen && (
        <>
          <Note icon="alert-triangle" kind="fault">
            {fault}
          </Note>
          <button class="button quiet" onClick={again}>
            <Icon name="refresh" />
            {t("Try again")}
          </button>
        </>
      )}
      {seen ? children(seen.body) : !fault && <p class="loading" role="status">{t("One moment…")}</p>}
    </>
  );
}
