import { useCities } from "../cities";
import { rightNow } from "../clock";
import { Entries } from "../entries";
import { prayersOf } from "../pack";
import { useOpenedPacks } from "../packs";
import { Icon, Note, Screen, Shown, useRead } from "../parts";
import { CampaignsHere } from "./campaigns";
import { Outages } from "./outages";
import { Gates } from "./gates";
import { Rows } from "./stays";
import { Works } from "./works";
import type { Answer } from "../shapes";
import { chosenCity, lastCity } from "../where";
import { clock, digits, lastDay, money, t, tehranDay } from "../words";

type Wallet = Answer<"/wallets">["wallets"][number];

export function Home({ name }: { name: string }) {
  const wallets = useRead("/wallets");
  return (
    <Screen title={t("Hello %(name)s", { name })}>
      <Outages />
      <Works isShort />
      <Shown reading={wallets}>
        {({ wallets: held }) =>
          held.length === 0 ? (
            <>
              <Note icon="credit-card">{t("You have no card yet. Any desk of the network gives you one.")}</Note>
              <a class="button" href="#/card">
                <Icon name="credit-card" />
                {t("Ask for a card")}
              </a>
            </>
          ) : (
            <>
              {held.map((one) => (
                <Purse key={one.wallet} wallet={one} />
              ))}
              <Latest />
            </>
          )
        }
      </Shown>
      <NextStay />
      <Gates />
      <CampaignsHere />
      <Prayers />
    </Screen>
  );
}

function NextStay() {
  const bookings = useRead("/bookings");
  const next = (bookings.seen?.body.bookings ?? [])
    .filter((one) => ["held", "confirmed", "arrived"].includes(one.state))
    .sort((one, other) => one.starts_at.localeCompare(other.starts_at))[0];
  if (!next) return null;
  return (
    <section class="block" aria-labelledby="stay">
      <h2 id="stay">{t("Next booking")}</h2>
      <Rows bookings={[next]} />
    </section>
  );
}

type Day = Answer<"/prayer-times">["days"][number];
type Name = keyof Day & ("fajr" | "sunrise" | "noon" | "maghrib" | "midnight");

const PRAYERS: [Name, () => string][] = [
  ["fajr", () => t("Dawn adhan")],
  ["sunrise", () => t("Sunrise")],
  ["noon", () => t("Noon adhan")],
  ["maghrib", () => t("Evening adhan")],
  ["midnight", () => t("Religious midnight")],
];

/** Two weeks are fetched, so that a phone without a network still knows today's; a pack knows a month's. */
function Prayers() {
  const timetable = useRead("/prayer-times", { query: { days: "14", ...chosenCity() } });
  const day = tehranDay(new Date(rightNow()));
  const today = timetable.seen?.body.days.find((one) => one.day === day);
  const packs = useOpenedPacks(timetable.isCut === true && !today);
  const kept = prayersOf(packs.filter((one) => one.pack.city === lastCity()), day);
  const city = useCities().find((one) => one.code === lastCity());
  return (
    <section class="block" aria-labelledby="prayers">
      <h2 id="prayers">
        {t("Prayer times")}
        {city && <small> · {city.name}</small>}
      </h2>
      {kept ? (
        <Times times={kept} />
      ) : (
        <Shown reading={timetable}>
          {() =>
            today ? (
              <>
                <p class="muted">
                  {digits(today.lunar)}
                  {today.holiday && ` · ${today.holiday}`}
                </p>
                <Times times={today} />
              </>
            ) : (
              <p class="empty">{t("Prayer times need the network again.")}</p>
            )
          }
        </Shown>
      )}
    </section>
  );
}

function Times({ times }: { times: Record<Name, string> }) {
  const next = PRAYERS.find(([name]) => Date.parse(times[name]) > rightNow())?.[0];
  return (
    <ol class="times">
      {PRAYERS.map(([name, word]) => (
        <li key={name} aria-current={name === next ? "time" : undefined}>
          <span>{word()}</span>
          <b>{clock(new Date(times[name]))}</b>
        </li>
      ))}
    </ol>
  );
}

export function Purse({ wallet }: { wallet: Wallet }) {
  const { expires_next: expiry } = wallet;
  if (!wallet.holds_money) {
    return (
      <section class="hero" aria-label={t("Discount card")}>
        <p>{t("Discount card")}</p>
        <p class="figure">{t("No money on this card")}</p>
        <p>{t("You pay in cash, and the shop takes its discount off.")}</p>
      </section>
    );
  }
  return (
    <section class="hero" aria-label={t("On the card")}>
      <p>{t("On the card")}</p>
      <p class="figure">
        <bdi>{money(wallet.money_rial)}</bdi>
      </p>
      <dl>
        <div>
          <dt>{t("Credit to spend")}</dt>
          <dd>
            <bdi>{money(wallet.credit_rial)}</bdi>
          </dd>
        </div>
        {wallet.pending_rial > 0 && (
          <div>
            <dt>{t("Credit for later")}</dt>
            <dd>
              <bdi>{money(wallet.pending_rial)}</bdi>
            </dd>
          </div>
        )}
        {wallet.owed_rial > 0 && (
          <div>
            <dt>{t("Still owed")}</dt>
            <dd>
              <bdi>{money(wallet.owed_rial)}</bdi>
            </dd>
          </div>
        )}
      </dl>
      {expiry && (
        <p class="expiry">
          <Icon name="hourglass" />
          {t("%(amount)s expires at the end of %(day)s", { amount: money(expiry.amount_rial), day: lastDay(expiry.usable_until) })}
        </p>
      )}
    </section>
  );
}

function Latest() {
  const statement = useRead("/statement", { query: { limit: "3" } });
  return (
    <section class="block" aria-labelledby="latest">
      <h2 id="latest">{t("Latest")}</h2>
      <Shown reading={statement}>{({ entries }) => <Entries entries={entries} />}</Shown>
      <a class="button quiet" href="#/statement">
        <Icon name="list-details" />
        {t("Whole statement")}
      </a>
    </section>
  );
}
