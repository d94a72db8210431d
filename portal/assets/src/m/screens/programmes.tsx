// Programmes of the shrine and tours: which come, one date with its rules, and seats for all of a party or a place in line.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { act } from "../api";
import { CityChoice, useCities } from "../cities";
import { rightNow } from "../clock";
import { Choice, Icon, Note, Pages, Screen, Shown, useRead } from "../parts";
import type { Answer } from "../shapes";
import { useStep } from "../step";
import { LANGUAGES, day, moment, money, nearDay, number, t, tehranDay, type Language } from "../words";
import { Count, Full, Tick, inLine } from "./find";

const DAYS_AHEAD = 60;
const DAY_MS = 86_400_000;
const KINDS: Record<string, () => string> = {
  meal: () => t("Meal of the shrine"),
  night: () => t("Night at the shrine"),
  ceremony: () => t("Ceremony"),
  tour: () => t("Group tour"),
};
const SEATS: Record<string, () => string> = {
  men: () => t("For men"),
  women: () => t("For women"),
  family: () => t("For families"),
  anyone: () => t("By wheelchair"),
};

type Row = Answer<"/programmes">["programmes"][number];
type Detail = Answer<"/programmes/{seat_session_id}">;
type Way = Detail["ways"][number];

/** The question stands in the address, so that going back keeps what was chosen. */
export function Programmes({ asked }: { asked: URLSearchParams }) {
  const cities = useCities();
  const today = rightNow();
  const submit = (event: Event) => {
    event.preventDefault();
    const typed = new FormData(event.currentTarget as HTMLFormElement);
    const query = [...typed].filter((one): one is [string, string] => typeof one[1] === "string" && one[1] !== "");
    location.hash = `#/programmes?${new URLSearchParams(query)}`;
  };
  return (
    <Screen title={t("Programmes and tours")}>
      <form class="block" onSubmit={submit}>
        <CityChoice name="city" cities={cities} is={asked.get("city") ?? ""} any={t("All cities")} />
        <Choice name="kind" label={t("Kind")} is={asked.get("kind")} any={t("All kinds")} of={Object.entries(KINDS).map(([kind, says]) => [kind, says()])} />
        <Choice
          name="day"
          label={t("Day")}
          is={asked.get("day")}
          any={t("All days")}
          of={Array.from({ length: DAYS_AHEAD }, (_, ahead) => new Date(today + ahead * DAY_MS)).map((one) => [tehranDay(one), nearDay(one)])}
        />
        <Tick name="only_free" says={t("Only what is not full")} is={asked.has("only_free")} />
        <button class="button">
          <Icon name="search" />
          {t("Search")}
        </button>
      </form>
      <section class="block" aria-labelledby="coming">
        <h2 id="coming">{t("Coming up")}</h2>
        <Pages of={(cursor, further) => <Page key={cursor} asked={asked} cursor={cursor} further={further} />} />
      </section>
    </Screen>
  );
}

function Page({ asked, cursor, further }: { asked: URLSearchParams; cursor: string; further: (next: number | null) => ComponentChildren }) {
  const found = useRead("/programmes", { query: { ...Object.fromEntries(asked), ...(cursor && { cursor }) } });
  return (
    <Shown reading={found}>
      {({ programmes, next }) => (
        <>
          {programmes.length === 0 && <p class="empty">{t("Nothing is planned then. Try another day.")}</p>}
          <ul class="list">
            {programmes.map((one) => (
              <li key={one.session}>
                <a href={`#/programme/${one.session}`}>
                  <Icon name={one.kind === "tour" ? "map-2" : "pray"} />
                  <span class="grow">
                    <b>
                      <bdi>{one.name}</bdi>
                    </b>
                    <small>{moment(new Date(one.starts_at))}</small>
                    <small>{priced(one)}</small>
                  </span>
                  <small>{left(one)}</small>
                </a>
              </li>
            ))}
          </ul>
          {further(next)}
        </>
      )}
    </Shown>
  );
}

function priced(one: Row): string {
  if (!one.adult_rial && !one.child_rial) return t("Free of charge");
  return t("Adults %(adult)s, children %(child)s", { adult: money(one.adult_rial), child: money(one.child_rial) });
}

function left(one: Row): string {
  const free = (one.men ?? 0) + (one.women ?? 0) + (one.family ?? 0) + (one.accessible ?? 0);
  return free ? t("%(count)s free", { count: number(free) }) : `${t("Full")} · ${inLine(one.waiting)}`;
}

export function ProgrammeDate({ id, asked }: { id: string; asked: URLSearchParams }) {
  const party = { men: asked.get("men") ?? "1", women: asked.get("women") ?? "1", children: asked.get("children") ?? "0" };
  const query = { ...party, ...(asked.has("accessible") && { accessible: "true" }) };
  const found = useRead("/programmes/{seat_session_id}", { values: { seat_session_id: id }, query });
  const submit = (event: Event) => {
    event.preventDefault();
    const typed = new FormData(event.currentTarget as HTMLFormElement);
    location.replace(`#/programme/${id}?${new URLSearchParams([...typed].map(([name, text]) => [name, String(text)]))}`);
  };
  return (
    <Screen title={t("Programme and seats")}>
      <Shown reading={found}>
        {(detail) => (
          <>
            <Facts detail={detail} />
            {!detail.is_called_off && (
              <form class="block" onSubmit={submit} aria-label={t("Who comes")}>
                <Count name="men" says={t("Men")} least={0} most={20} is={Number(party.men)} />
                <Count name="women" says={t("Women")} least={0} most={20} is={Number(party.women)} />
                <Count name="children" says={t("Children")} least={0} most={20} is={Number(party.children)} />
                {detail.programme.accessible !== null && (
                  <label class="pick">
                    <input type="checkbox" name="accessible" value="true" checked={asked.has("accessible")} />
                    <span>{t("Wheelchair places")}</span>
                  </label>
                )}
                <button class="button quiet">
                  <Icon name="search" />
                  {t("Show seats")}
                </button>
              </form>
            )}
            {!detail.is_called_off && detail.ways.length === 0 && <Note icon="info-circle">{t("No seats fit all of you. Try another number of people, or another date.")}</Note>}
            {!detail.is_called_off && detail.ways.map((way) => <OneWay key={way.lines.map((line) => line.pool).join()} way={way} detail={detail} />)}
          </>
        )}
      </Shown>
    </Screen>
  );
}

function Facts({ detail }: { detail: Detail }) {
  const { programme: one, terms } = detail;
  const pools = [
    [t("For men"), one.men],
    [t("For women"), one.women],
    [t("For families"), one.family],
    [t("By wheelchair"), one.accessible],
  ].filter((pool): pool is [string, number] => pool[1] !== null);
  return (
    <section class="block">
      {detail.is_called_off && (
        <Note icon="ban" kind="fault">
          {t("This date does not take place. What was paid for it is back on the card.")}
        </Note>
      )}
      <h2>
        <bdi>{one.name}</bdi>
      </h2>
      <p class="muted">
        {KINDS[one.kind]!()} · {moment(new Date(one.starts_at))}
      </p>
      <dl class="facts">
        {pools.map(([says, free]) => (
          <div key={says}>
            <dt>{says}</dt>
            <dd>{free ? t("%(count)s free", { count: number(free) }) : t("Full")}</dd>
          </div>
        ))}
        <div>
          <dt>{t("Price")}</dt>
          <dd>{priced(one)}</dd>
        </div>
        {detail.meeting_point && (
          <div>
            <dt>{t("Where it begins")}</dt>
            <dd>
              <bdi>{detail.meeting_point}</bdi>
            </dd>
          </div>
        )}
        {detail.guide && (
          <div>
            <dt>{t("Guide")}</dt>
            <dd>
              <bdi>{detail.guide}</bdi>
            </dd>
          </div>
        )}
        {detail.languages.length > 0 && (
          <div>
            <dt>{t("Languages of the guide")}</dt>
            <dd>{detail.languages.map((code) => LANGUAGES[code as Language] ?? code).join(" · ")}</dd>
          </div>
        )}
      </dl>
      {detail.stops.length > 0 && (
        <ol class="stops" aria-label={t("Stops")}>
          {detail.stops.map((stop) => (
            <li key={stop}>
              <bdi>{stop}</bdi>
            </li>
          ))}
        </ol>
      )}
      <ul class="terms">
        {detail.least_people !== null && (
          <li>
            {t("It goes with at least %(count)s people, decided %(hours)s hours before; else everything is back on your card.", {
              count: number(detail.least_people),
              hours: number(detail.decide_hours ?? 0),
            })}
          </li>
        )}
        {one.adult_rial + one.child_rial > 0 && (
          <>
            {terms.steps.map((step) => (
              <li key={step.hours}>
                {t("Cancelled %(hours)s hours before it begins: %(share)s per cent is kept.", { hours: number(step.hours), share: number(step.keep_basis_points / 100) })}
              </li>
            ))}
            <li>{t("Later, or if nobody comes: %(share)s per cent is kept.", { share: number(terms.late_basis_points / 100) })}</li>
          </>
        )}
        {detail.follows_moon && (
          <li>{t("This date follows the moon. If the month is announced a day earlier or later, it moves with it; you are told, and may then cancel free of charge.")}</li>
        )}
        {one.days_between !== null && <li>{t("Everybody has one turn in %(days)s days.", { days: number(one.days_between) })}</li>}
        {detail.turns
          .filter((turn) => turn.from !== null && turn.from > tehranDay(new Date(one.starts_at)))
          .map((turn) => (
            <li key={turn.person}>
              {turn.is_me
                ? t("You had a turn; your next is possible from %(day)s on.", { day: day(new Date(`${turn.from}T09:00:00Z`)) })
                : t("%(name)s had a turn; the next is possible from %(day)s on.", { name: turn.name, day: day(new Date(`${turn.from}T09:00:00Z`)) })}
            </li>
          ))}
      </ul>
    </section>
  );
}

function OneWay({ way, detail }: { way: Way; detail: Detail }) {
  const step = useStep();
  const [comes, setComes] = useState(true);
  const [brought, setBrought] = useState<number[]>([]);
  const [documents, setDocuments] = useState("");
  const { session, days_between } = detail.programme;
  const people = way.lines.reduce((sum, line) => sum + line.men + line.women + line.children, 0);
  const lines = way.lines.map(({ pool, quantity, men, women, children }) => ({ pool, quantity, men, women, children }));
  const typed = documents.split("\n").filter((line) => line.trim() !== "");
  const body = { lines, people: brought, documents: typed, i_come: comes, holder_name: "" };
  const missing = people - typed.length - brought.length - (comes ? 1 : 0);
  const take = async () => {
    const made = await step.take((key) => act("post", "/programmes/{seat_session_id}/seats", key, { values: { seat_session_id: session }, body }));
    if (made) location.hash = `#/booking/${made.booking.booking}`;
  };
  const wait = async () => {
    if (await step.take((key) => act("post", "/programmes/{seat_session_id}/waitings", key, { values: { seat_session_id: session }, body }))) location.hash = "#/stays";
  };
  return (
    <section class="block">
      {way.lines.map((line) => (
        <p key={line.pool}>
          <b>
            {line.is_accessible ? t("By wheelchair") : SEATS[line.for_whom]!()} × {number(line.quantity)}
          </b>
        </p>
      ))}
      <p class="figure">
        <bdi>{way.price_rial ? money(way.price_rial) : t("Free of charge")}</bdi>
      </p>
      {days_between !== null && (
        <fieldset class="guests">
          <legend>{t("Who are they?")}</legend>
          {detail.turns.map((turn) => (
            <label class="pick" key={turn.person}>
              <input
                type="checkbox"
                checked={turn.is_me ? comes : brought.includes(turn.person)}
                onChange={() =>
                  turn.is_me
                    ? setComes(!comes)
                    : setBrought(brought.includes(turn.person) ? brought.filter((one) => one !== turn.person) : [...brought, turn.person])
                }
              />
              <span>
                <bdi>{turn.name}</bdi>
              </span>
            </label>
          ))}
          <label>
            <span>{t("Others: national id, or country and passport, one a line")}</span>
            <textarea dir="ltr" rows={3} spellcheck={false} autocomplete="off" placeholder="IRQ A1234567" value={documents} onInput={(event) => setDocuments(event.currentTarget.value)} />
          </label>
          {missing !== 0 && <p class="muted">{missing > 0 ? t("Still to be named: %(count)s", { count: number(missing) }) : t("More names than people who come: %(count)s", { count: number(-missing) })}</p>}
        </fieldset>
      )}
      <step.Fault />
      {way.is_free ? (
        <button class="button" disabled={step.isBusy} onClick={take}>
          {way.price_rial ? t("Keep it for 15 minutes") : t("Book the seats")}
        </button>
      ) : (
        <Full waiting={detail.programme.waiting}>
          <button class="button quiet" disabled={step.isBusy} onClick={wait}>
            {t("Full: put me on the waiting list")}
          </button>
        </Full>
      )}
    </section>
  );
}
