// One place: what it is, whether it is open, how crowded it is, what is in it.
import { Crowd } from "../crowd";
import { Icon, Note, Screen, Shown } from "../parts";
import { PlaceList, hoursOf, nameOfKind, type Place } from "../places";
import { FILTERS } from "./near";
import { useWhole, type Detail } from "../whole";
import { LANGUAGES, day, money, t, type Language } from "../words";
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
      <Shown reading={reading}>{(told) => <Told told={told} />}</Shown>
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
        <p class="muted">
          {told.confirmed_at ? t("Last confirmed: %(moment)s", { moment: day(new Date(told.confirmed_at)) }) : t("Not confirmed yet")}
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

/** Inside a shrine one is led from part to part. */
function WayInside({ told }: { told: Detail }) {
  const isShrine = told.place.kind === "shrine" && told.parts.length > 1;
  if (!isShrine && told.parent?.kind !== "shrine") return null;
  return (
    <a class="button" href={isShrine ? `#/walk/${told.place.place}` : `#/walk/${told.parent!.place}?to=${told.place.place}`}>
      <Icon name="walk" />
      {isShrine ? t("Way on foot inside") : t("Way on foot to here")}
    </a>
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
