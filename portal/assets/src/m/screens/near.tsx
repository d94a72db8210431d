// What is near and open: from where the phone is, if its holder wants so, else from the middle of a city; then one place.
import { useEffect, useState } from "preact/hooks";
import { read, type Answer, type Seen } from "../api";
import { rightNow } from "../clock";
import { search, whole, type Whence } from "../pack";
import { useOpenedPacks } from "../packs";
import { Icon, Note, Screen, Shown, useRead } from "../parts";
import { CATEGORIES, KINDS, PlaceList, hoursOf, isOpen, nameOfKind, type Place } from "../places";
import { Sketch } from "../sketch";
import { clock, language, moment, t } from "../words";

const HOME = "mashhad";
const WAIT_MS = 15_000;
const WHENCE = ["city", "lon", "lat"];
const A_PAGE = 15;

type Query = Record<string, string>;
type Found = Answer<"/places">;

const FILTERS: Record<string, [() => string, (one: Place) => boolean]> = {
  open_now: [() => t("Open now"), (one) => isOpen(one) === true],
  women: [() => t("Women's area"), (one) => one.has_women_area],
  wheelchair: [() => t("By wheelchair"), (one) => one.wheelchair === "yes" || one.wheelchair === "limited"],
  handicraft: [() => t("Handicraft"), (one) => one.is_handicraft],
  earns: [() => t("Gives credit"), (one) => one.earns],
  spends: [() => t("Takes credit"), (one) => one.spends],
  discounts: [() => t("Cheaper at once"), (one) => one.discounts],
  instalments: [() => t("In instalments"), (one) => one.instalments],
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
        <a class="button quiet" href={`#/packs?city=${query["city"] ?? HOME}`}>
          <Icon name="download" />
          {t("Places without a network")}
        </a>
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

function whenceOf(query: Query): Whence | undefined {
  return query["lon"] && query["lat"] ? { lon: Number(query["lon"]), lat: Number(query["lat"]) } : undefined;
}

/** What was found; without a network what the packs of the phone hold, else what was read last. */
function Results({ query }: { query: Query }) {
  const found = useRead("/places", { query });
  const packs = useOpenedPacks(found.isCut === true);
  const isKept = packs.some((one) => whenceOf(query) || one.pack.city === (query["city"] ?? HOME));
  if (isKept) return <Kept key={JSON.stringify(query)} query={query} />;
  if (found.isCut && found.fault) return <Remembered query={query} fault={found.fault} again={found.again} />;
  return (
    <Shown reading={found.fault ? { fault: found.fault, again: found.again } : found}>
      {({ places, next }) => (
        <>
          <Listed places={places} here={whenceOf(query)} isFirst={!query["cursor"]} />
          {next !== null && <Further key={`${JSON.stringify(query)} ${next}`} query={{ ...query, cursor: String(next) }} />}
        </>
      )}
    </Shown>
  );
}

/** Of the packs: all that fits, a page more at each press. */
function Kept({ query }: { query: Query }) {
  const packs = useOpenedPacks(true);
  const [most, setMost] = useState(A_PAGE);
  const whence = whenceOf(query);
  const asked = whence ? query : { city: HOME, ...query };
  const found = search(packs, asked, language(), rightNow(), whence);
  return (
    <>
      <Note icon="wifi-off">{t("No network. These are the places kept on the phone.")}</Note>
      <Listed places={found.slice(0, most)} here={whence} isFirst />
      {found.length > most && (
        <button type="button" class="button quiet" onClick={() => setMost(most + A_PAGE)}>
          {t("Show more places")}
        </button>
      )}
    </>
  );
}

/** For a question that was not asked before, what fits it of the list that was read last from there. */
function Remembered({ query, fault, again }: { query: Query; fault: string; again: () => void }) {
  const [wide, setWide] = useState<Seen<Found>>();
  const key = JSON.stringify(query);
  useEffect(() => {
    const whence = Object.fromEntries(Object.entries(query).filter(([name]) => WHENCE.includes(name)));
    read("/places", { query: whence }).then(setWide, () => setWide(undefined));
  }, [key]);
  if (!wide?.isOld) return <Shown reading={{ fault, again }}>{() => null}</Shown>;
  return (
    <>
      <Note icon="wifi-off">{t("No network. As of %(moment)s.", { moment: moment(new Date(wide.at)) })}</Note>
      <Listed places={wide.body.places.filter((one) => fits(one, query))} here={whenceOf(query)} isFirst />
    </>
  );
}

/** With how they lie from each other, for who wants to see it. */
function Listed({ places, here, isFirst }: { places: Place[]; here: Whence | undefined; isFirst: boolean }) {
  const [isDrawn, setDrawn] = useState(false);
  if (places.length === 0) return <p class="empty">{t("Nothing found. Take a filter away, or write fewer letters.")}</p>;
  return (
    <>
      {isFirst && places.length > 1 && (
        <button type="button" class="button quiet" aria-expanded={isDrawn} onClick={() => setDrawn(!isDrawn)}>
          <Icon name="map-2" />
          {isDrawn ? t("Hide the drawing") : t("Draw where they are")}
        </button>
      )}
      {isDrawn && <Sketch places={places.slice(0, A_PAGE)} here={here} />}
      <PlaceList places={places} isNumbered={isDrawn} />
    </>
  );
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

const CROWDS: Record<NonNullable<Detail["crowd"]>, () => string> = {
  calm: () => t("Calm now"),
  busy: () => t("Busy now"),
  full: () => t("Full now"),
};

type Detail = Answer<"/places/{place_id}">;

/** What was read before knows more in words, the packs know whether it is open now. */
export function OnePlace({ id }: { id: string }) {
  const place = useRead("/places/{place_id}", { values: { place_id: id } });
  const packs = useOpenedPacks(place.isCut === true);
  const kept = whole(packs, Number(id), language(), rightNow());
  if (kept) {
    const told = { ...kept, about: place.seen?.body.about ?? null };
    return (
      <Screen title={kept.place.name}>
        <Note icon="wifi-off">{t("No network. These are the places kept on the phone.")}</Note>
        <Told told={told} />
      </Screen>
    );
  }
  return (
    <Screen title={place.seen?.body.place.name ?? t("Places")}>
      <Shown reading={place}>{(told) => <Told told={told} />}</Shown>
    </Screen>
  );
}

function Told({ told }: { told: Detail }) {
  return (
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
        {told.crowd && told.crowd_at && (
          <p>
            {CROWDS[told.crowd]()} <small>{t("as seen at %(time)s", { time: clock(new Date(told.crowd_at)) })}</small>
          </p>
        )}
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
      <Photos photos={told.photos} />
      {told.parts.length > 0 && (
        <section class="block" aria-labelledby="parts">
          <h2 id="parts">{t("What is in it")}</h2>
          <PlaceList places={told.parts} />
        </section>
      )}
    </>
  );
}

/** Small ones; a large one is fetched by who opens it. Without a network none is missed. */
function Photos({ photos }: { photos: Detail["photos"] }) {
  if (photos.length === 0) return null;
  return (
    <section class="block" aria-labelledby="photos">
      <h2 id="photos">{t("Photos")}</h2>
      {photos.map((one) => (
        <figure key={one.small} class="photo">
          <a href={one.large} target="_blank" rel="noopener">
            <img src={one.small} alt={one.caption || t("Photo")} loading="lazy" />
          </a>
          <figcaption>
            <bdi>{one.caption}</bdi>
            <small>
              {t("Source")}: <bdi>{one.source}</bdi> <bdi lang="en">{one.licence}</bdi>
            </small>
          </figcaption>
        </figure>
      ))}
    </section>
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
