// One place: what it is, whether it is open, how crowded it is, what is in it.
import { Crowd } from "../crowd";
import { Icon, Note, Screen, Shown } from "../parts";
import { PlaceList, hoursOf, isUpdating, nameOfKind } from "../places";
import { FILTERS } from "./near";
import type { Place } from "../shapes";
import { useWhole, type Detail } from "../whole";
import { LANGUAGES, day, digits, lastDay, money, t, type Language } from "../words";
import { CampaignsAt } from "./campaigns";
import { Works } from "./works";

export function OnePlace({ id }: { id: string }) {
  const { reading, kept } = useWhole(id);
  if (kept) {
    return (
      <Screen title={kept.place.name}>
        <Note icon="wifi-off">{t("No network. These are the places kept on the phone.")}</Note>
        <Told told={kept} />
      </Screen>
    );
  }
  return (
    <Screen title={reading.seen?.body.place.name ?? t("Places")}>
      <Works place={id} />
      <CampaignsAt place={id} />
      <Shown reading={reading}>{(told) => <Told told={told} />}</Shown>
    </Screen>
  );
}

function Told({ told }: { told: Detail }) {
  return (
    <>
      <Updating told={told} />
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
        <Crowd crowd={told.crowd} crowd_at={told.crowd_at} />
        {told.hours && <p dir="auto">{told.hours}</p>}
        {told.place.night_rial !== null && <p>{t("a night from %(amount)s", { amount: money(told.place.night_rial) })}</p>}
        {told.speaks.length > 0 && (
          <p>
            {t("Language spoken")}: {told.speaks.map((code) => LANGUAGES[code as Language] ?? code).join(" · ")}
          </p>
        )}
        {told.about && <p dir="auto">{told.about}</p>}
        <Marks place={told.place} />
        <WayInside told={told} />
        <a class="button quiet" href={told.place.geo}>
          <Icon name="map-pin" />
          {t("Open in my map")}
        </a>
        <Own own={told.own} />
        <p class="muted">
          {told.changed_at && `${t("Information changed: %(moment)s", { moment: day(new Date(told.changed_at)) })} · `}
          {told.prices_changed_at && `${t("Prices changed: %(moment)s", { moment: day(new Date(told.prices_changed_at)) })} · `}
          {told.confirmed_at ? t("Last confirmed: %(moment)s", { moment: day(new Date(told.confirmed_at)) }) : t("Not confirmed yet")}
          {" · "}
          {t("Source")}: <bdi>{told.source}</bdi> <bdi lang="en">{told.licence}</bdi>
        </p>
      </section>
      <Photos photos={told.photos} />
      <Past history={told.history} />
      {told.parts.length > 0 && (
        <section class="block" aria-labelledby="parts">
          <h2 id="parts">{t("What is in it")}</h2>
          <PlaceList places={told.parts} />
        </section>
      )}
    </>
  );
}

/** Said plainly, above all else; what stands is shown all the same. */
function Updating({ told }: { told: Detail }) {
  if (!isUpdating(told.place)) return null;
  return (
    <Note icon="refresh">
      <b>{t("This page is being updated until %(day)s.", { day: lastDay(told.place.updating_until!) })}</b>{" "}
      {told.updating_note && <bdi>{told.updating_note} </bdi>}
      {told.place.kind === "shop" && t("Prices and hours may be others now: please ask in the shop.")}
    </Note>
  );
}

/** What a shop says in fields of its own. */
function Own({ own }: { own: Detail["own"] }) {
  const said = (one: Detail["own"][number]) =>
    one.kind === "date" ? day(new Date(one.value)) : one.kind === "yes_no" ? (one.value === "yes" ? t("Yes") : t("No")) : one.kind === "number" ? digits(one.value) : one.value;
  return (
    <>
      {own.map((one) => (
        <p key={one.name}>
          <bdi>{one.name}</bdi>: <bdi>{said(one)}</bdi>
        </p>
      ))}
    </>
  );
}

const STATEMENTS: Record<Detail["history"][number]["kind"], () => string> = {
  founded: () => t("Founded"),
  rebuilt: () => t("Rebuilt"),
  former_name: () => t("Former name"),
  makers: () => t("Makers"),
  event: () => t("It happened"),
};
const YEARS: Record<"solar" | "lunar" | "gregorian", () => string> = {
  solar: () => t("Solar Hijri"),
  lunar: () => t("Lunar Hijri"),
  gregorian: () => t("Gregorian"),
};

/** The oldest first; each with who says so. */
function Past({ history }: { history: Detail["history"] }) {
  if (history.length === 0) return null;
  const yearOf = (one: Detail["history"][number]) => {
    if (one.year === null || one.calendar === null) return "";
    const facts = { year: digits(String(one.year)), calendar: YEARS[one.calendar]() };
    return one.is_about ? t("about %(year)s (%(calendar)s)", facts) : t("%(year)s (%(calendar)s)", facts);
  };
  return (
    <section class="block" aria-labelledby="past">
      <h2 id="past">{t("Its history")}</h2>
      {history.map((one, at) => (
        <p key={at}>
          <b>{[yearOf(one), STATEMENTS[one.kind]()].filter(Boolean).join(" · ")}</b> <bdi>{one.text}</bdi>{" "}
          <small>
            {t("Source")}: <bdi>{one.source}</bdi> <bdi lang="en">{one.licence}</bdi>
          </small>
        </p>
      ))}
    </section>
  );
}

/** Inside a shrine one is led from part to part. */
function WayInside({ told }: { told: Detail }) {
  const isShrine = told.place.kind === "shrine" && told.parts.length > 1;
  if (!isShrine && told.parent?.kind !== "shrine") return null;
  return (
    <a class="button" href={isShrine ? `#/walk/${told.place.place}` : `#/walk/${told.parent!.place}?to=${told.place.place}`}>
      <Icon name="walk" />
      {isShrine ? t("Walking route inside") : t("Walking route to here")}
    </a>
  );
}

/** Small ones; a large one is fetched by who opens it. What is kept on the phone is smaller still, and has no large one. */
function Photos({ photos }: { photos: Detail["photos"] }) {
  if (photos.length === 0) return null;
  return (
    <section class="block" aria-labelledby="photos">
      <h2 id="photos">{t("Photos")}</h2>
      {photos.map((one) => (
        <figure key={one.small} class="photo">
          {one.large ? (
            <a href={one.large} target="_blank" rel="noopener">
              <img src={one.small} alt={one.caption || t("Photo")} loading="lazy" />
            </a>
          ) : (
            <img class="kept" src={one.small} alt={one.caption || t("Photo")} />
          )}
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
