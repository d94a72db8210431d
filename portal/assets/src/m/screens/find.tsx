// Finding lodging: when, for whom, where; then one house and its ways; then it is kept.
import type { ComponentChildren } from "preact";
import { act } from "../api";
import { CityChoice, useCities } from "../cities";
import { rightNow } from "../clock";
import { Choice, Icon, Note, Pages, Screen, Shown, useRead } from "../parts";
import type { Answer } from "../shapes";
import { useStep } from "../step";
import { lastCity } from "../where";
import { day, money, nearDay, number, t, tehranDay } from "../words";

const DAYS_AHEAD = 120;
const DAY_MS = 86_400_000;
const TICKS = ["accessible", "only_free"];
const PARTY = ["from", "until", "men", "women", "children"];

type Way = Answer<"/lodgings/{lodging_id}">["ways"][number];

/** The question stands in the address, so that going back keeps what was chosen. */
export function Find({ asked }: { asked: URLSearchParams }) {
  const cities = useCities();
  const today = rightNow();
  const submit = (event: Event) => {
    event.preventDefault();
    const typed = new FormData(event.currentTarget as HTMLFormElement);
    const text = (name: string) => String(typed.get(name) ?? "");
    const until = tehranDay(new Date(new Date(`${text("from")}T09:00:00Z`).getTime() + Number(text("nights")) * DAY_MS));
    const query = { city: text("city") || lastCity(), from: text("from"), until, men: text("men"), women: text("women"), children: text("children") };
    const ticked = TICKS.filter((name) => typed.has(name)).map((name) => [name, "true"]);
    location.hash = `#/find?${new URLSearchParams({ ...query, ...Object.fromEntries(ticked) })}`;
  };
  const nights = asked.has("until") ? (Date.parse(asked.get("until")!) - Date.parse(asked.get("from")!)) / DAY_MS : 2;
  return (
    <Screen title={t("Find lodging")}>
      <form class="block" onSubmit={submit}>
        <CityChoice name="city" cities={cities} is={asked.get("city") ?? lastCity()} />
        <Choice name="from" label={t("Arrival")} is={asked.get("from")} of={Array.from({ length: DAYS_AHEAD }, (_, ahead) => new Date(today + ahead * DAY_MS)).map((one) => [tehranDay(one), nearDay(one)] as const)} />
        <Count name="nights" says={t("Nights")} least={1} most={30} is={nights} />
        <Count name="men" says={t("Men")} least={0} most={20} is={Number(asked.get("men") ?? 1)} />
        <Count name="women" says={t("Women")} least={0} most={20} is={Number(asked.get("women") ?? 1)} />
        <Count name="children" says={t("Children")} least={0} most={20} is={Number(asked.get("children") ?? 0)} />
        <Tick name="accessible" says={t("By wheelchair")} is={asked.has("accessible")} />
        <Tick name="only_free" says={t("Only what is not full")} is={asked.has("only_free")} />
        <button class="button">
          <Icon name="search" />
          {t("Search")}
        </button>
      </form>
      {asked.has("from") && <Results asked={asked} />}
    </Screen>
  );
}

export function Tick({ name, says, is }: { name: string; says: string; is: boolean }) {
  return (
    <label class="pick">
      <input type="checkbox" name={name} value="true" checked={is} />
      <span>{says}</span>
    </label>
  );
}

export function Count({ name, says, least, most, is }: { name: string; says: string; least: number; most: number; is: number }) {
  return (
    <label class="count">
      <span>{says}</span>
      <select name={name}>
        {Array.from({ length: most - least + 1 }, (_, more) => least + more).map((one) => (
          <option key={one} value={one} selected={one === is}>
            {number(one)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Results({ asked }: { asked: URLSearchParams }) {
  return (
    <section class="block" aria-labelledby="found">
      <h2 id="found">{t("Free for all nights")}</h2>
      <Pages key={asked.toString()} of={(cursor, further) => <Page key={cursor} asked={asked} cursor={cursor} further={further} />} />
    </section>
  );
}

/** Full houses stand behind those with room. A cursor begins with 1 where the last one seen was full already. */
function Page({ asked, cursor, further }: { asked: URLSearchParams; cursor: string; further: (next: string | null) => ComponentChildren }) {
  const found = useRead("/lodgings", { query: { only_free: "false", ...Object.fromEntries(asked), ...(cursor && { cursor }) } });
  const party = new URLSearchParams([...asked].filter(([name]) => PARTY.includes(name)));
  return (
    <Shown reading={found}>
      {({ lodgings, next }) => {
        const [free, full] = [lodgings.filter((one) => one.is_free), lodgings.filter((one) => !one.is_free)];
        return (
          <>
            {free.length === 0 && !cursor && <p class="empty">{t("Nothing is free for all of you on these nights. Try other nights.")}</p>}
            <Houses houses={free} party={party} />
            {full.length > 0 && !cursor.startsWith("1.") && (
              <>
                <h2>{t("Full on these nights")}</h2>
                <p class="muted">{t("Join the line: what becomes free is offered in turn, all you asked for or nothing. Nothing is promised.")}</p>
              </>
            )}
            <Houses houses={full} party={party} />
            {further(next)}
          </>
        );
      }}
    </Shown>
  );
}

function Houses({ houses, party }: { houses: Answer<"/lodgings">["lodgings"]; party: URLSearchParams }) {
  if (houses.length === 0) return null;
  return (
    <ul class="list">
      {houses.map((one) => (
        <li key={one.lodging}>
          <a href={`#/lodging/${one.lodging}?${party}`}>
            <Icon name={one.is_free ? "bed" : "hourglass"} />
            <span class="grow">
              <b>
                <bdi>{one.name}</bdi>
              </b>
              {!one.is_free && (
                <small>
                  {t("Full")} · {inLine(one.waiting)}
                </small>
              )}
              {one.is_fictional && <small>{t("Fictional, for trying out")}</small>}
            </span>
            <b class="amount">
              <bdi>{money(one.least_rial)}</bdi>
            </b>
          </a>
        </li>
      ))}
    </ul>
  );
}

export function inLine(waiting: number): string {
  return waiting ? t("in line now: %(count)s", { count: number(waiting) }) : t("nobody in line yet");
}

export function House({ id, asked }: { id: string; asked: URLSearchParams }) {
  const house = useRead("/lodgings/{lodging_id}", { values: { lodging_id: id }, query: Object.fromEntries(asked) });
  const [from, until] = [asked.get("from") ?? "", asked.get("until") ?? ""];
  return (
    <Screen title={t("Lodging")}>
      <Shown reading={house}>
        {({ name, terms, waiting, ways }) => (
          <>
            <section class="block">
              <h2>
                <bdi>{name}</bdi>
              </h2>
              <p class="muted">
                {day(new Date(`${from}T09:00:00Z`))} – {day(new Date(`${until}T09:00:00Z`))}
              </p>
              <ul class="terms">
                {terms.steps.map((step) => (
                  <li key={step.hours}>
                    {t("Cancelled %(hours)s hours ahead: %(share)s per cent is kept.", {
                      hours: number(step.hours),
                      share: number(step.keep_basis_points / 100),
                    })}
                  </li>
                ))}
                <li>{t("Later, or if nobody comes: %(share)s per cent is kept.", { share: number(terms.late_basis_points / 100) })}</li>
              </ul>
            </section>
            {ways.length === 0 && <Note icon="info-circle">{t("Your party cannot be lodged together here.")}</Note>}
            {ways.map((way) => (
              <OneWay key={way.lines.map((line) => line.class).join()} way={way} waiting={waiting} from={from} until={until} />
            ))}
          </>
        )}
      </Shown>
    </Screen>
  );
}

function OneWay({ way, waiting, from, until }: { way: Way; waiting: number; from: string; until: string }) {
  const step = useStep();
  const lines = way.lines.map(({ class: of, quantity, men, women, children }) => ({ class: of, quantity, men, women, children }));
  const body = { from, until, lines, holder_name: "" };
  const keep = async () => {
    const held = await step.take((key) => act("post", "/bookings", key, { body }));
    if (held) location.hash = `#/booking/${held.booking.booking}`;
  };
  const wait = async () => {
    if (await step.take((key) => act("post", "/waitings", key, { body }))) location.hash = "#/stays";
  };
  return (
    <section class="block">
      {way.lines.map((line) => (
        <p key={line.class}>
          <b>
            <bdi>{line.name}</bdi> × {number(line.quantity)}
          </b>
        </p>
      ))}
      <p class="figure">
        <bdi>{money(way.price_rial)}</bdi>
      </p>
      {way.deposit_rial < way.price_rial && <p class="muted">{t("To be paid now: %(amount)s", { amount: money(way.deposit_rial) })}</p>}
      <step.Fault />
      {way.is_free ? (
        <button class="button" disabled={step.isBusy} onClick={keep}>
          {t("Keep it for 15 minutes")}
        </button>
      ) : (
        <Full waiting={waiting}>
          <button class="button quiet" disabled={step.isBusy} onClick={wait}>
            {t("Full: put me on the waiting list")}
          </button>
        </Full>
      )}
    </section>
  );
}

/** How long the line is, before anybody joins it. */
export function Full({ waiting, children }: { waiting: number; children: ComponentChildren }) {
  return (
    <>
      <p class="muted">
        {inLine(waiting)}. {t("What becomes free is offered in turn, all you asked for or nothing. Nobody is passed over, not for a smaller party either, until 24 hours before; then it goes to whom it fits.")}
      </p>
      {children}
    </>
  );
}
