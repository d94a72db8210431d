// Campaigns of a city: what its municipality does for some days, and the shops that take part, as a list and on the map.
import { useState } from "preact/hooks";
import { read } from "../api";
import { CityMap } from "../map";
import { CityChoice, useCities } from "../cities";
import { rightNow } from "../clock";
import { Fault, Icon, Screen, Shown, faultOf, useRead } from "../parts";
import { CATEGORIES, hoursOf } from "../places";
import type { Answer } from "../shapes";
import { keepCity, lastCity } from "../where";
import { day, number, t } from "../words";

type Campaign = Answer<"/campaigns">["campaigns"][number];
type Shop = Answer<"/campaigns/{campaign_id}">["shops"][number];

const STANDINGS: Record<Campaign["standing"], () => string> = {
  running: () => t("Goes on now"),
  coming: () => t("To come"),
  over: () => t("Over"),
  called_off: () => t("Called off"),
};

export function Campaigns({ asked }: { asked: URLSearchParams }) {
  const city = asked.get("city") ?? lastCity();
  const cities = useCities();
  const found = useRead("/campaigns", { query: { city } });
  const choose = (one: string) => {
    keepCity(one);
    location.replace(`#/campaigns?city=${one}`);
  };
  return (
    <Screen title={t("Campaigns of the city")}>
      <CityChoice cities={cities} is={city} choose={choose} />
      <Shown reading={found}>
        {({ campaigns }) => (
          <section class="block">
            {campaigns.length === 0 ? <p class="empty">{t("No campaign just now.")}</p> : <Rows campaigns={campaigns} />}
          </section>
        )}
      </Shown>
    </Screen>
  );
}

/** Those that go on, on the first screen. Where nothing can be read, nothing is said. */
export function CampaignsHere() {
  const { seen } = useRead("/campaigns", { query: { city: lastCity() } });
  const running = (seen?.body.campaigns ?? []).filter(isOn);
  if (running.length === 0) return null;
  return (
    <section class="block" aria-labelledby="campaigns">
      <h2 id="campaigns">{t("Campaigns of the city")}</h2>
      <Rows campaigns={running} />
    </section>
  );
}

/** Those in which the shop at a place takes part. */
export function CampaignsAt({ place }: { place: string }) {
  const { seen } = useRead("/campaigns", { query: { place } });
  const running = (seen?.body.campaigns ?? []).filter(isOn);
  if (running.length === 0) return null;
  return (
    <section class="block" aria-label={t("Campaigns of the city")}>
      <Rows campaigns={running} />
    </section>
  );
}

/** Of what was read days ago too: an answer that is kept does not outlive the campaign. */
function isOn(one: Campaign): boolean {
  return one.standing === "running" && rightNow() < new Date(`${one.last_day}T23:59:59+03:30`).getTime();
}

function Rows({ campaigns }: { campaigns: Campaign[] }) {
  return (
    <ul class="list">
      {campaigns.map((one) => (
        <li key={one.campaign}>
          <a href={`#/campaign/${one.campaign}`}>
            <Icon name="confetti" />
            <span class="grow">
              <b>
                <bdi>{one.title}</bdi>
              </b>
              <small>
                {STANDINGS[one.standing]()} · {daysOf(one)}
              </small>
              <small>{whoOf(one)}</small>
            </span>
          </a>
        </li>
      ))}
    </ul>
  );
}

function daysOf({ first_day, last_day }: Campaign): string {
  const [first, last] = [first_day, last_day].map((one) => day(new Date(`${one}T12:00:00+03:30`)));
  return first === last ? first! : t("%(first)s to %(last)s", { first: first!, last: last! });
}

function whoOf({ shop_kind, where, shops }: Campaign): string {
  const kind = shop_kind ? (CATEGORIES[shop_kind]?.() ?? shop_kind) : t("Shops of every kind");
  return `${kind} · ${where ?? t("The whole city")} · ${t("Shops that take part: %(count)s", { count: number(shops) })}`;
}

export function OneCampaign({ id }: { id: string }) {
  const found = useRead("/campaigns/{campaign_id}", { values: { campaign_id: id } });
  const [further, setFurther] = useState<Shop[]>([]);
  const [next, setNext] = useState<number | null>();
  const [fault, setFault] = useState("");
  const more = async (after: number) => {
    setFault("");
    try {
      const { body } = await read("/campaigns/{campaign_id}", { values: { campaign_id: id }, query: { after: String(after) } });
      setFurther((shown) => [...shown, ...body.shops]);
      setNext(body.next);
    } catch (error) {
      setFault(faultOf(error as Error));
    }
  };
  return (
    <Screen title={found.seen?.body.campaign.title ?? t("Campaigns of the city")}>
      <Shown reading={found}>
        {(told) => {
          const after = next === undefined ? told.next : next;
          return (
            <>
              <section class="block">
                <p class="said" dir="auto">
                  {told.campaign.text}
                </p>
                <p class="muted">
                  {STANDINGS[told.campaign.standing]()} · {daysOf(told.campaign)}
                </p>
                <p class="muted">{whoOf(told.campaign)}</p>
              </section>
              <Shops shops={[...told.shops, ...further]} city={told.campaign.city} />
              <Fault says={fault} />
              {after && (
                <button class="button quiet" onClick={() => more(after)}>
                  {t("Show more")}
                </button>
              )}
            </>
          );
        }}
      </Shown>
      <a class="button quiet" href="#/campaigns">
        <Icon name="chevron-left" turns />
        {t("Campaigns of the city")}
      </a>
    </Screen>
  );
}

function Shops({ shops, city }: { shops: Shop[]; city: string }) {
  const [isDrawn, setDrawn] = useState(false);
  const found = shops.filter((one): one is Shop & { place: number; geo: string } => one.place !== null && one.geo !== null);
  return (
    <section class="block" aria-labelledby="shops">
      <h2 id="shops">{t("Shops that take part")}</h2>
      {shops.length === 0 && <p class="empty">{t("No shop yet")}</p>}
      {found.length > 0 && (
        <button type="button" class="button quiet" aria-expanded={isDrawn} onClick={() => setDrawn(!isDrawn)}>
          <Icon name="map-2" />
          {isDrawn ? t("Hide the map") : t("Show on the map")}
        </button>
      )}
      {isDrawn && <CityMap places={found} city={city} />}
      <ul class="list">
        {shops.map((one) => (
          <li key={`${one.place} ${one.shop}`}>
            <One shop={one} at={isDrawn ? found.findIndex((shown) => shown.place === one.place) : -1} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function One({ shop, at }: { shop: Shop; at: number }) {
  const told = (
    <>
      {at >= 0 ? <b class="mark">{number(at + 1)}</b> : <Icon name="building-store" />}
      <span class="grow">
        <b>
          <bdi>{shop.shop}</bdi>
        </b>
        <small>{CATEGORIES[shop.kind]?.() ?? t("Shop")}</small>
        {shop.place !== null && <small>{hoursOf(shop)}</small>}
      </span>
    </>
  );
  return shop.place === null ? <div class="still">{told}</div> : <a href={`#/place/${shop.place}`}>{told}</a>;
}
