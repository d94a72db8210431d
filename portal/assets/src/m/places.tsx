// What a place is called, whether it is open, and a list of places.
import { rightNow } from "./clock";
import { Crowd, type Seen } from "./crowd";
import { Icon } from "./parts";
import type { Place } from "./shapes";
import { clock, moment, money, number, t, tehranDay } from "./words";

type Told = Pick<Place, "place" | "name" | "kind" | "category" | "is_open" | "changes_at"> & Seen & { walk_m?: number | null; night_rial?: number | null; updating_until?: string | null };

export const KINDS: Record<Place["kind"], [string, () => string]> = {
  shrine: ["pray", () => t("Shrine")],
  gate: ["door-enter", () => t("Gate")],
  courtyard: ["building-community", () => t("Courtyard")],
  prayer_hall: ["pray", () => t("Prayer hall")],
  service: ["info-circle", () => t("Service")],
  shop: ["building-store", () => t("Shop")],
  lodging: ["bed", () => t("Lodging")],
  metro_station: ["train", () => t("Metro station")],
  bus_stop: ["bus", () => t("Bus stop")],
  parking: ["car", () => t("Parking")],
  toilets: ["walk", () => t("Toilets")],
  health: ["shield-check", () => t("Health")],
  sight: ["eye", () => t("Sight")],
  office: ["building-community", () => t("Office of the city")],
};

export const CATEGORIES: Record<string, () => string> = {
  bast: () => t("Way into the shrine"),
  women: () => t("For women"),
  metro: () => t("Way into the metro"),
  lost_and_found: () => t("Lost people and things"),
  left_luggage: () => t("Left luggage"),
  shoe_keeping: () => t("Shoe keeping"),
  wheelchairs: () => t("Wheelchairs"),
  information: () => t("Information"),
  ablution: () => t("Ablution"),
  hotel: () => t("Hotel"),
  guest_house: () => t("Guest house"),
  hostel: () => t("Hostel"),
  apartment: () => t("Apartment"),
  hospital: () => t("Hospital"),
  clinic: () => t("Clinic"),
  pharmacy: () => t("Pharmacy"),
  museum: () => t("Museum"),
  books: () => t("Books"),
  clothing: () => t("Clothing"),
  handicraft: () => t("Handicrafts"),
  jewellery: () => t("Jewellery"),
  lodging: () => t("Lodging"),
  prayer_goods: () => t("Prayer goods"),
  restaurant: () => t("Restaurant"),
  saffron: () => t("Saffron"),
  sweets: () => t("Sweets"),
  travel: () => t("Travel agency"),
};

/** As exactly as it is known. */
export function nameOfKind({ kind, category }: Pick<Place, "kind" | "category">): string {
  return (CATEGORIES[category ?? ""] ?? KINDS[kind][1])();
}

/** Null where the hours are not known, or have changed since they were read. */
export function isOpen({ is_open, changes_at }: Pick<Place, "is_open" | "changes_at">): boolean | null {
  return changes_at && Date.parse(changes_at) <= rightNow() ? null : is_open;
}

/** Whether its page is being updated: what was read with a network may be seen later without one. */
export function isUpdating({ updating_until }: { updating_until?: string | null }): boolean {
  return !!updating_until && Date.parse(updating_until) > rightNow();
}

export function hoursOf(place: Pick<Place, "is_open" | "changes_at">): string {
  const open = isOpen(place);
  if (open === null) return t("Hours not known");
  const changes = place.changes_at ? new Date(place.changes_at) : undefined;
  const isToday = changes && tehranDay(changes) === tehranDay(new Date(rightNow()));
  const when = changes && (isToday ? clock(changes) : moment(changes));
  if (open) return when ? t("Open until %(time)s", { time: when }) : t("It is open");
  return when ? t("Closed, opens %(when)s", { when }) : t("Closed now");
}

/** An estimate; in kilometres where metres would only look exact. */
function onFoot(metres: number): string {
  return metres < 1_000 ? t("about %(metres)s m on foot", { metres: number(metres) }) : t("about %(km)s km on foot", { km: number(Math.round(metres / 100) / 10) });
}

export function PlaceList({ places, isNumbered = false }: { places: Told[]; isNumbered?: boolean }) {
  return (
    <ul class="list">
      {places.map((one, at) => (
        <li key={one.place}>
          <a href={`#/place/${one.place}`}>
            {isNumbered ? <b class="mark">{number(at + 1)}</b> : <Icon name={KINDS[one.kind][0]} />}
            <span class="grow">
              <b>
                <bdi>{one.name}</bdi>
              </b>
              <small>
                {nameOfKind(one)}
                {!!one.walk_m && ` · ${onFoot(one.walk_m)}`}
              </small>
              {typeof one.night_rial === "number" && <small>{t("a night from %(amount)s", { amount: money(one.night_rial) })}</small>}
              {isUpdating(one) && <small>{t("Being updated")}</small>}
              <small class={isOpen(one) ? "open" : ""}>{hoursOf(one)}</small>
              <Crowd crowd={one.crowd} crowd_at={one.crowd_at} />
            </span>
          </a>
        </li>
      ))}
    </ul>
  );
}
