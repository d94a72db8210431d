// What is near and open: from where the phone is, if its holder wants so, else from the middle of a city; then one place.
import { useEffect, useState } from "preact/hooks";
import { read, type Answer, type Seen } from "../api";
import { Icon, Note, Screen, Shown, useRead } from "../parts";
import { CATEGORIES, KINDS, PlaceList, hoursOf, isOpen, nameOfKind, type Place } from "../places";
import { moment, t } from "../words";

const HOME = "mashhad";
const WAIT_MS = 15_000;
const WHENCE = ["city", "lon", "lat"];

type Query = Record<string, string>;
type Found = Answer<"/places">;

const FILTERS: Record<string, [() => string, (one: Place) => boolean]> = {
  open_now: [() => t("Open now"), (one) => isOpen(one) === true],
  women: [() => t("Women's area"), (one) => one.has_women_area],
  wheelchair: [() => t("By wheelchair"), (one) => one.wheelchair === "yes" || one.wheelchair === "limited"],
  handicraft: [() => t("Handicraft"), (one) => one.is_handicraft],
  earns: [() => t("Gives credit"), (one) => one.earns],
  spends: [() => t("Takes credit"), (one) => one.spends],
};

/** What the API would have left out, for a list that was read without the question; of names it knows more. */
function fits(one: Place, asked: Query): boolean {
  const isOfKind = (!asked["kind"] || one.kind === asked["kind"]) && (!asked["category"] || one.category === asked["category"]);
  const isNamed = one.name.toLowerCase().includes((asked["text"] ?? "").toLowerCase());
  return isOfKind && isNamed && Object.entries(FILTERS).every(([name, [, holds]]) => !asked[name] || holds(one));
}

/** The question stands in the address, so that coming back from a place keeps it. */
export function Near({ asked }: { asked: URLSearchParams }) {
  const [fault, setFault] = useState("");
  const known = useRead("/cities").seen?.body.cities ?? [];
  const query: Query = Object.fromEntries(asked);
  const isHere = asked.has("lon");
  const change = (changes: Record<string, string | null>) => {
    const kept = Object.entries({ ...query, ...changes }).filter((one): one is [string, string] => !!one[1]);
    location.replace(`#/near?${new URLSearchParams(kept)}`);
  };
  const locate = () => {
    const refused = () => setFault(t("The phone does not say where you are. Choose the city, or search for a name."));
    if (!navigator.geolocation) return refused();
    navigator.geolocation.getCurrentPosition(
      // A hundred metres are near enough to find a gate, and tell less of who asks.
      ({ coords }) => {
        setFault("");
        change({ city: null, lon: coords.longitude.toFixed(3), lat: coords.latitude.toFixed(3) });
      },
      refused,
      { timeout: WAIT_MS, maximumAge: 60_000 },
    );
  };
  const search = (event: Event) => {
    event.preventDefault();
    change({ text: String(new FormData(event.currentTarget as HTMLFormElement).get("text") ?? "").trim() });
  };
  return (
    <Screen title={t("Near me")}>
      <form class="block" onSubmit={search} role="search">
        {isHere ? (
          <button type="button" class="button quiet" onClick={() => change({ lon: null, lat: null })}>
            {t("From the middle of the city")}
          </button>
        ) : (
          <>
            <button type="button" class="button quiet" onClick={locate}>
              <Icon name="map-pin" />
              {t("From where I am")}
            </button>
            {known.length > 1 && (
              <label>
                <span>{t("City")}</span>
                <select onChange={(event) => change({ city: event.currentTarget.value })}>
                  {known.map((one) => (
                    <option key={one.code} value={one.code} selected={one.code === (query["city"] ?? HOME)}>
                      {one.name}
                    </option>
                  ))}
                </select>
              </label>
            )}
          </>
        )}
        {fault && <Note icon="info-circle">{fault}</Note>}
        <div class="typed">
          <label>
            <span>{t("Name of the place")}</span>
            <input name="text" type="search" maxLength={80} dir="auto" defaultValue={query["text"] ?? ""} />
          </label>
          <button class="button" aria-label={t("Search")}>
            <Icon name="search" />
          </button>
        </div>
        <Kinds query={query} change={change} />
        <div class="chips" role="group" aria-label={t("Only")}>
          {Object.entries(FILTERS).map(([name, [says]]) => (
            <button key={name} type="button" class="chip" aria-pressed={asked.has(name)} onClick={() => change({ [name]: asked.has(name) ? null : "true" })}>
              {says()}
            </button>
          ))}
        </div>
      </form>
      <section class="block" aria-labelledby="places">
        <h2 id="places">{t("Places")}</h2>
        <p class="muted">{t("Distances are estimates: the straight line and a third more.")}</p>
        <Results query={query} />
      </section>
    </Screen>
  );
}

function Kinds({ query, change }: { query: Query; change: (changes: Record<string, string | null>) => void }) {
  const kinds = useRead("/places/kinds", { query: { city: query["city"] ?? HOME } });
  const categories = (kinds.seen?.body.kinds ?? [])
    .filter((one) => one.kind === query["kind"] && one.category && one.category in CATEGORIES)
    .map((one) => one.category!);
  return (
    <>
      <label>
        <span>{t("Kind of place")}</span>
        <select onChange={(event) => change({ kind: event.currentTarget.value, category: null })}>
          <option value="">{t("Anything")}</option>
          {Object.entries(KINDS).map(([kind, [, says]]) => (
            <option key={kind} value={kind} selected={kind === query["kind"]}>
              {says()}
            </option>
          ))}
        </select>
      </label>
      {categories.length > 0 && (
        <label>
          <span>{t("More exactly")}</span>
          <select onChange={(event) => change({ category: event.currentTarget.value })}>
            <option value="">{t("Anything")}</option>
            {categories.map((one) => (
              <option key={one} value={one} selected={one === query["category"]}>
                {CATEGORIES[one]!()}
              </option>
            ))}
          </select>
        </label>
      )}
    </>
  );
}

/** What was found; without a network, for a question that was not asked before, what fits it of the list that was read last. */
function Results({ query }: { query: Query }) {
  const found = useRead("/places", { query });
  const [wide, setWide] = useState<Seen<Found>>();
  const key = JSON.stringify(query);
  useEffect(() => {
    if (!found.fault) return;
    const whence = Object.fromEntries(Object.entries(query).filter(([name]) => WHENCE.includes(name)));
    read("/places", { query: whence }).then(setWide, () => setWide(undefined));
  }, [found.fault, key]);
  if (found.fault && wide?.isOld) {
    return (
      <>
        <Note icon="wifi-off">{t("No network. As of %(moment)s.", { moment: moment(new Date(wide.at)) })}</Note>
        <Listed places={wide.body.places.filter((one) => fits(one, query))} />
      </>
    );
  }
  return (
    <Shown reading={found.fault ? { fault: found.fault, again: found.again } : found}>
      {({ places, next }) => (
        <>
          <Listed places={places} />
          {next !== null && <Further key={`${key} ${next}`} query={{ ...query, cursor: String(next) }} />}
        </>
      )}
    </Shown>
  );
}

function Listed({ places }: { places: Place[] }) {
  if (places.length === 0) return <p class="empty">{t("Nothing found. Take a filter away, or write fewer letters.")}</p>;
  return <PlaceList places={places} />;
}

function Further({ query }: { query: Query }) {
  const [isWanted, setWanted] = useState(false);
  if (isWanted) return <Results query={query} />;
  return (
    <button type="button" class="button quiet" onClick={() => setWanted(true)}>
      {t("Show more places")}
    </button>
  );
}

export function OnePlace({ id }: { id: string }) {
  const place = useRead("/places/{place_id}", { values: { place_id: id } });
  return (
    <Screen title={place.seen?.body.place.name ?? t("Places")}>
      <Shown reading={place}>
        {(told) => (
          <>
            <section class="block" aria-labelledby="glance">
              <h2 id="glance">{nameOfKind(told.place)}</h2>
              {told.parent && (
                <a href={`#/place/${told.parent.place}`}>
                  <bdi>{told.parent.name}</bdi>
                </a>
              )}
              <p>
                <b>{hoursOf(told.place)}</b>
              </p>
              {told.hours && <p dir="auto">{told.hours}</p>}
              {told.about && <p dir="auto">{told.about}</p>}
              <Marks place={told.place} />
              <a class="button" href={told.place.geo}>
                <Icon name="map-pin" />
                {t("Open in my map")}
              </a>
              <p class="muted">
                {told.confirmed_at ? t("Last confirmed: %(moment)s", { moment: moment(new Date(told.confirmed_at)) }) : t("Not confirmed yet")}
                {" · "}
                {t("Source")}: <bdi>{told.source}</bdi> <bdi lang="en">{told.licence}</bdi>
              </p>
            </section>
            {told.parts.length > 0 && (
              <section class="block" aria-labelledby="parts">
                <h2 id="parts">{t("What is in it")}</h2>
                <PlaceList places={told.parts} />
              </section>
            )}
          </>
        )}
      </Shown>
    </Screen>
  );
}

/** What filters ask for and this place has. */
function Marks({ place }: { place: Place }) {
  const held = Object.entries(FILTERS).filter(([name, [, holds]]) => name !== "open_now" && holds(place));
  if (held.length === 0) return null;
  return (
    <ul class="marks">
      {held.map(([name, [says]]) => (
        <li key={name}>{says()}</li>
      ))}
    </ul>
  );
}
