// Somebody who is lost calls: above every screen within seconds, while the app is open, for who is named as leader or guardian.
import { useEffect, useState } from "preact/hooks";
import { NoNetwork, act, fresh } from "./api";
import { Icon, Note } from "./parts";
import type { Answer } from "./shapes";
import { clock, t } from "./words";

type Alarm = Answer<"/help-card/alarms">["alarms"][number];

const AGAIN_MS = 5_000; // after a try that found no network
const LATER_MS = 60_000; // after a refusal, which asking at once would not change

/** Asked for as often as the server says: seldom for who is nobody's leader. */
function useAlarms(): [Alarm[], (alarm: number) => void] {
  const [alarms, setAlarms] = useState<Alarm[]>([]);
  useEffect(() => {
    let turn = 0;
    let isGone = false;
    const wait = (milliseconds: number) => {
      if (!isGone) turn = setTimeout(look, milliseconds);
    };
    const look = () => {
      clearTimeout(turn);
      if (document.hidden) return;
      fresh("/help-card/alarms").then(
        (told) => {
          if (!isGone) setAlarms(told.alarms.filter((one) => !one.seen_at));
          wait(told.next_seconds * 1000);
        },
        (error: Error) => wait(error instanceof NoNetwork ? AGAIN_MS : LATER_MS),
      );
    };
    look();
    document.addEventListener("visibilitychange", look);
    addEventListener("online", look);
    addEventListener("outbox", look); // whose guardian one is may just have changed
    return () => {
      isGone = true;
      clearTimeout(turn);
      document.removeEventListener("visibilitychange", look);
      removeEventListener("online", look);
      removeEventListener("outbox", look);
    };
  }, []);
  const see = (alarm: number) => {
    setAlarms((held) => held.filter((one) => one.alarm !== alarm));
    act("post", "/help-card/alarms/{alarm_id}/seen", crypto.randomUUID(), { values: { alarm_id: alarm } }).catch(() => undefined);
  };
  return [alarms, see];
}

export function Alarms() {
  const [alarms, see] = useAlarms();
  const newest = alarms[0]?.alarm;
  useEffect(() => {
    if (newest) navigator.vibrate?.([300, 150, 300]);
  }, [newest]);
  if (alarms.length === 0) return null;
  return (
    <section class="banner" aria-label={t("Somebody needs you")}>
      {alarms.map((one) => (
        <div key={one.alarm} class="block">
          <Note icon="lifebuoy" kind="fault">
            {t("%(called)s's card was shown for help at %(place)s, at %(time)s. Please go there or call.", {
              called: one.called,
              place: one.place,
              time: clock(new Date(one.at)),
            })}
          </Note>
          <a class="button" href={`#/place/${one.place_id}`}>
            <Icon name="map-pin" />
            {t("See where")}
          </a>
          <button class="button quiet" onClick={() => see(one.alarm)}>
            <Icon name="check" />
            {t("I have seen it")}
          </button>
        </div>
      ))}
    </section>
  );
}
