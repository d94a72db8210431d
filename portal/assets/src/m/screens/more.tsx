import { useEffect, useState } from "preact/hooks";
import { putAway, signOut, waitingWrites, write } from "../api";
import { CALENDARS, chosenCalendar, keepCalendar, type Calendar } from "../calendar";
import { Choice, Icon, Note, Screen } from "../parts";
import { useLater } from "../step";
import type { Waiting } from "../store";
import { LANGUAGES, language, moment, t, type Language } from "../words";

interface Row {
  to: string;
  icon: string;
  says: () => string;
}

// What is opened from here: of the money, of the way and who goes along, of oneself.
const GROUPS: Row[][] = [
  [
    { to: "#/money", icon: "transfer", says: () => t("My money") },
    { to: "#/purse", icon: "wallet", says: () => t("Family's purse") },
    { to: "#/savings", icon: "discount", says: () => t("What I saved") },
    { to: "#/complaints", icon: "alert-triangle", says: () => t("My complaints") },
  ],
  [
    { to: "#/family", icon: "users-group", says: () => t("Family") },
    { to: "#/help", icon: "lifebuoy", says: () => t("Help card") },
    { to: "#/packs", icon: "download", says: () => t("Places without a network") },
  ],
  [
    { to: "#/profile", icon: "id", says: () => t("My record") },
    { to: "#/email", icon: "mail", says: () => t("My e-mail") },
    { to: "#/senders", icon: "device-mobile", says: () => t("Who may write to me") },
    { to: "#/data", icon: "lock", says: () => t("My data") },
  ],
];

const NAMES: Record<Calendar, () => string> = { jalali: () => t("Iranian (Jalali)"), gregorian: () => t("Gregorian"), lunar: () => t("Lunar (Hijri)") };

export function More({ choose, isLarge, enlarge }: { choose: (one: Language) => void; isLarge: boolean; enlarge: (is: boolean) => void }) {
  return (
    <Screen title={t("More")}>
      <Outbox />
      {GROUPS.map((rows) => (
        <ul key={rows[0]!.to} class="block list">
          {rows.map((row) => (
            <li key={row.to}>
              <a href={row.to}>
                <Icon name={row.icon} />
                <span class="grow">{row.says()}</span>
                <Icon name="chevron-right" turns />
              </a>
            </li>
          ))}
        </ul>
      ))}
      <section class="block" aria-labelledby="language">
        <h2 id="language">{t("Language")}</h2>
        <div class="choice two">
          {Object.entries(LANGUAGES).map(([code, name]) => (
            <button key={code} class="button quiet" lang={code} aria-pressed={code === language()} onClick={() => choose(code as Language)}>
              {name}
            </button>
          ))}
        </div>
        <Dates />
      </section>
      <section class="block" aria-labelledby="letters">
        <h2 id="letters">{t("Text size")}</h2>
        <button class="button quiet" aria-pressed={isLarge} onClick={() => enlarge(!isLarge)}>
          <Icon name="eye" />
          {t("Large text")}
        </button>
      </section>
      <button class="button quiet" onClick={leave}>
        <Icon name="logout" turns />
        {t("Sign out")}
      </button>
    </Screen>
  );
}

/** Of the account, so that the pages of the portal go by it too. */
function Dates() {
  const later = useLater();
  const choose = (calendar: Calendar | null) => later.take(async () => {
    const isDone = await write("put", "/me/calendar", t("Calendar"), { body: { calendar } });
    keepCalendar(calendar);
    return isDone;
  });
  return (
    <>
      <later.Told />
      <Choice label={t("Calendar")} any={t("As usual in my language")} is={chosenCalendar()} of={CALENDARS.map((one) => [one, NAMES[one]()] as const)} choose={(one) => void choose((one || null) as Calendar | null)} />
    </>
  );
}

async function leave(): Promise<void> {
  const isWaiting = (await waitingWrites()).some((one) => !one.refusal);
  if (isWaiting && !confirm(t("Something still waits for the network and would be lost. Sign out all the same?"))) return;
  await signOut();
  dispatchEvent(new Event("signed-out"));
}

/** What waits for a network, and what was refused after it was there. */
function Outbox() {
  const [waiting, setWaiting] = useState<Waiting[]>([]);
  useEffect(() => {
    const look = () => void waitingWrites().then(setWaiting);
    look();
    addEventListener("outbox", look);
    return () => removeEventListener("outbox", look);
  }, []);
  if (waiting.length === 0) return null;
  return (
    <section class="block" aria-labelledby="outbox">
      <h2 id="outbox">{t("Waiting to be sent")}</h2>
      {waiting.map((one) => (
        <div key={one.key}>
          <Note icon={one.refusal ? "alert-triangle" : "clock"} kind={one.refusal ? "fault" : ""}>
            {one.what}, {moment(new Date(one.at))}
            {one.refusal && `: ${one.refusal}`}
          </Note>
          {one.refusal && (
            <button class="button quiet" onClick={() => putAway(one.key)}>
              {t("Dismiss")}
            </button>
          )}
        </div>
      ))}
    </section>
  );
}
