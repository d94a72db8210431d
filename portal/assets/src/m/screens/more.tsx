import { useEffect, useState } from "preact/hooks";
import { putAway, signOut, waitingWrites } from "../api";
import { Icon, Note, Screen } from "../parts";
import type { Waiting } from "../store";
import { LANGUAGES, language, moment, t, type Language } from "../words";

// What is opened from here, one line each.
const ROWS: { to: string; icon: string; says: () => string }[] = [
  { to: "#/profile", icon: "id", says: () => t("My record") },
  { to: "#/money", icon: "transfer", says: () => t("My money") },
  { to: "#/purse", icon: "wallet", says: () => t("Family's purse") },
  { to: "#/family", icon: "users-group", says: () => `${t("Family")} · ${t("My data")}` },
  { to: "#/help", icon: "lifebuoy", says: () => t("Help card") },
  { to: "#/packs", icon: "download", says: () => t("Places without a network") },
  { to: "#/complaints", icon: "alert-triangle", says: () => t("My complaints") },
  { to: "#/email", icon: "mail", says: () => t("My e-mail") },
  { to: "#/senders", icon: "device-mobile", says: () => t("Who may write to me") },
];

export function More({ choose, isLarge, enlarge }: { choose: (one: Language) => void; isLarge: boolean; enlarge: (is: boolean) => void }) {
  return (
    <Screen title={t("More")}>
      <Outbox />
      {ROWS.map((row) => (
        <a key={row.to} class="button quiet" href={row.to}>
          <Icon name={row.icon} />
          {row.says()}
        </a>
      ))}
      <section class="block" aria-labelledby="language">
        <h2 id="language">{t("Language")}</h2>
        <div class="choice">
          {Object.entries(LANGUAGES).map(([code, name]) => (
            <button key={code} class="button quiet" lang={code} aria-pressed={code === language()} onClick={() => choose(code as Language)}>
              {name}
            </button>
          ))}
        </div>
      </section>
      <section class="block" aria-labelledby="letters">
        <h2 id="letters">{t("Text size")}</h2>
        <button class="button quiet" aria-pressed={isLarge} onClick={() => enlarge(!isLarge)}>
          <Icon name="eye" />
          {t("Large text")}
        </button>
      </section>
      <section class="block">
        <button class="button quiet" onClick={leave}>
          <Icon name="logout" turns />
          {t("Sign out")}
        </button>
      </section>
    </Screen>
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
