// What is near and open: from where the phone is, if its holder wants so, else from the middle of a city.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { read, type Seen } from "../api";
import { CityChoice, useCities } from "../cities";
import { rightNow } from "../clock";
import { search } from "../pack";
import { useOpenedPacks } from "../packs";
import { Choice, Icon, Note, Pages, Screen, Shown, useRead } from "../parts";
import { CATEGORIES, KINDS, PlaceList, isOpen } from "../places";
import { CityMap } from "../map";
import type { Answer, Place, Whence } from "../shapes";
import { chosenCity, keepCity, lastCity, useWhere } from "../where";
import { LANGUAGES, language, moment, money, t } from "../words";
import { Works } from "./works";

const WHENCE = ["city", "lon", "lat"];
const LIMITS = ["most_rial", "speaks"];
const A_PAGE = 15;
const NIGHTS = [3_000_000, 5_000_000, 10_000_000, 20_000_000, 40_000_000];

type Query = Record<string, string>;
type Found = Answer<"/places">;

export const FILTERS: Record<string, [() => string, (one: Place) => boolean]> = {
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
  const isSpoken = !asked["speaks"] || one.speaks.includes(asked["speaks"]);
  const isCheap = !asked["most_rial"] || (one.night_rial !== null && one.night_rial <= Number(asked["most_rial"]));
  return isOfKind && isNamed && isSpoken && isCheap && Object.entries(FILTERS).every(([name, [, holds]]) => !asked[name] || holds(one));
}

/** The question stands in the address, so that coming back from a place keeps it. */
export function Near({ asked }: { asked: URLSearchParams }) {
  const cities = useCities();
  const isHere = asked.has("lon");
  const query: Query = { ...(!isHere && chosenCity()), ...Object.fromEntries(asked) };
  const change = (changes: Record<string, string | null>) => {
    const kept = Object.entries({ ...query, ...changes }).filter((one): one is [string, string] => !!one[1]);
    location.replace(`#/near?${new URLSearchParams(kept)}`);
  };
  // A hundred metres are near enough to find a gate, and tell less of who asks.
  const where = useWhere(3, ({ lon, lat }) => change({ city: null, lon: lon.toFixed(3), lat: lat.toFixed(3) }));
  const chooseCity = (city: string) => {
    keepCity(city);
    change({ city });
  };
  const search = (event: Event) => {
    event.preventDefault();
    change({ text: String(new FormData(event.currentTarget as HTMLFormElement).get("text") ?? "").trim() });
  };
  return (
    <Screen title={t("Near me")}>
      <Works />
      <form class="block" onSubmit={search} role="search">
        {isHere ? (
          <button type="button" class="button quiet" onClick={() => change({ lon: null, lat: null })}>
            {t("From the middle of the city")}
          </button>
        ) : (
          <>
            <button type="button" class="button quiet" onClick={where.ask}>
              <Icon name="map-pin" />
              {t("From where I am")}
            </button>
            <CityChoice cities={cities} is={query["city"] ?? lastCity()} choose={chooseCity} />
          </>
        )}
        {where.isRefused && <Note icon="info-circle">{t("The phone does not say where you are. Choose the city, or search for a name.")}</Note>}
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
        <details open={[...LIMITS, ...Object.keys(FILTERS)].some((name) => asked.has(name))}>
          <summary>{t("More filters")}</summary>
          <div class="filters">
            <div class="chips" role="group" aria-label={t("Only")}>
              {Object.entries(FILTERS).map(([name, [says]]) => (
                <button key={name} type="button" class="chip" aria-pressed={asked.has(name)} onClick={() => change({ [name]: asked.has(name) ? null : "true" })}>
                  {says()}
                </button>
              ))}
            </div>
            <Limits query={query} change={change} />
          </div>
        </details>
      </form>
      <section class="block" aria-labelledby="places">
        <h2 id="places">{t("Places")}</h2>
        <p class="muted">{t("Distances are estimates: the straight line and a third more.")}</p>
        <Results query={query} />
        <a class="button quiet" href={`#/campaigns?city=${query["city"] ?? lastCity()}`}>
          <Icon name="confetti" />
          {t("Campaigns of the city")}
        </a>
        <a class="button quiet" href={`#/packs?city=${query["city"] ?? lastCity()}`}>
          <Icon name="download" />
          {t("Places without a network")}
        </a>
      </section>
    </Screen>
  );
}

function Kinds({ query, change }: { query: Query; change: (changes: Record<string, string | null>) => void }) {
  const kinds = useRead("/places/kinds", { query: { city: query["city"] ?? lastCity() } });
  const categories = (kinds.seen?.body.kinds ?? [])
    .filter((one) => one.kind === query["kind"] && one.category && one.category in CATEGORIES)
    .map((one) => one.category!);
  return (
    <>
      <Choice
        label={t("Kind of place")}
        any={t("Anything")}
        is={query["kind"]}
        of={Object.entries(KINDS).map(([kind, [, says]]) => [kind, says()] as const)}
        choose={(kind) => change({ kind, category: null, ...(kind && kind !== "lodging" && { most_rial: null }) })}
      />
      {categories.length > 0 && (
        <Choice label={t("More exactly")} any={t("Anything")} is={query["category"]} of={categories.map((one) => [one, CATEGORIES[one]!()] as const)} choose={(category) => change({ category })} />
      )}
    </>
  );
}

/** A night for so much or less, where lodging is looked for, and who speaks one's language. */
function Limits({ query, change }: { query: Query; change: (changes: Record<string, string | null>) => void }) {
  const asksForShops = query["kind"] && query["kind"] !== "lodging";
  return (
    <>
      {!asksForShops && (
        <Choice label={t("A night for at most")} any={t("Any price")} is={query["most_rial"]} of={NIGHTS.map((rial) => [String(rial), money(rial)] as const)} choose={(most_rial) => change({ most_rial })} />
      )}
      <Choice label={t("Language spoken")} any={t("Any language")} is={query["speaks"]} of={Object.entries(LANGUAGES)} choose={(speaks) => change({ speaks })} />
    </>
  );
}

function whenceOf(query: Query): Whence | undefined {
  return query["lon"] && query["lat"] ? { lon: Number(query["lon"]), lat: Number(query["lat"]) } : undefined;
}

/** What was found; without a network what the packs of the phone hold, else what was read last. */
function Results({ query }: { query: Query }) {
  return <Pages key={JSON.stringify(query)} of={(cursor, further) => <Page key={cursor} query={{ ...query, ...(cursor && { cursor }) }} further={further} />} />;
}

function Page({ query, further }: { query: Query; further: (next: Found["next"]) => ComponentChildren }) {
  const found = useRead("/places", { query });
  const packs = useOpenedPacks(found.isCut === true);
  const isKept = packs.some((one) => whenceOf(query) || one.pack.city === (query["city"] ?? lastCity()));
  if (isKept) return <Kept query={query} />;
  if (found.isCut && found.fault) return <Remembered query={query} fault={found.fault} again={found.again} />;
  return (
    <Shown reading={found.fault ? { fault: found.fault, again: found.again } : found}>
      {({ places, next }) => (
        <>
          <Listed places={places} here={whenceOf(query)} city={query["city"]} isFirst={!query["cursor"]} />
          {further(next)}
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
  const asked = whence ? query : { city: lastCity(), ...query };
  const found = search(packs, asked, language(), rightNow(), whence);
  return (
    <>
      <Note icon="wifi-off">{t("No network. These are the places kept on the phone.")}</Note>
      <Listed places={found.slice(0, most)} here={whence} city={query["city"]} isFirst />
      {found.length > most && (
        <button type="button" class="button quiet" onClick={() => setMost(most + A_PAGE)}>
          {t("Show more")}
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
      <Listed places={wide.body.places.filter((one) => fits(one, query))} here={whenceOf(query)} city={query["city"]} isFirst />
    </>
  );
}

/** With how they lie from each other, for who wants to see it. */
function Listed({ places, here, city, isFirst }: { places: Place[]; here: Whence | undefined; city: string | undefined; isFirst: boolean }) {
  const [isDrawn, setDrawn] = useState(false);
  if (places.length === 0) return <p class="empty">{t("Nothing found. Take a filter away, or write fewer letters.")}</p>;
  return (
    <>
      {isFirst && (
        <button type="button" class="button quiet" aria-expanded={isDrawn} onClick={() => setDrawn(!isDrawn)}>
          <Icon name="map-2" />
          {isDrawn ? t("Hide the map") : t("Show on the map")}
        </button>
      )}
      {isDrawn && <CityMap places={places.slice(0, A_PAGE)} here={here} {...(city && { city })} />}
      <PlaceList places={places} isNumbered={isDrawn} />
    </>
  );
}
