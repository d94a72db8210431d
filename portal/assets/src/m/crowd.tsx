// How crowded a place is: as somebody saw it, and when.
import { rightNow } from "./clock";
import { clock, moment, t, tehranDay } from "./words";

export interface Seen {
  crowd?: "calm" | "busy" | "full" | null | undefined;
  crowd_at?: string | null | undefined;
}

const MINUTE_MS = 60_000;
// As the server (places/keeping/rules.py): what is not looked at again is soon not true any more. After a day it says nothing.
const HOLDS = { calm: 60, busy: 30, full: 30 };
const FORGOTTEN = 24 * 60;

const NOW = { calm: () => t("Calm now"), busy: () => t("Busy now"), full: () => t("Full now") };
const THEN = {
  calm: (time: string) => t("%(time)s: it was calm", { time }),
  busy: (time: string) => t("%(time)s: it was busy", { time }),
  full: (time: string) => t("%(time)s: it was full", { time }),
};

export function later(one: Seen, other: Seen | undefined): Seen {
  const { crowd = null, crowd_at = null } = (other?.crowd_at ?? "") > (one.crowd_at ?? "") ? other! : one;
  return { crowd, crowd_at };
}

/** Without a network, or where nobody looks again, it grows old: then it is told as what was. */
export function Crowd({ crowd, crowd_at }: Seen) {
  if (!crowd || !crowd_at) return null;
  const seen = new Date(crowd_at);
  const minutes = (rightNow() - seen.getTime()) / MINUTE_MS;
  if (minutes > FORGOTTEN) return null;
  const isToday = tehranDay(seen) === tehranDay(new Date(rightNow()));
  if (minutes > HOLDS[crowd]) return <small>{THEN[crowd](isToday ? clock(seen) : moment(seen))}</small>;
  return (
    <span class={`crowd ${crowd}`}>
      {NOW[crowd]()} <small>{t("as seen at %(time)s", { time: clock(seen) })}</small>
    </span>
  );
}
