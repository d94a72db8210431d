// What the card saved: by months or by trips, and purchase by purchase.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { read } from "../api";
import { Fault, Icon, Screen, Shown, faultOf, useRead } from "../parts";
import type { Answer } from "../shapes";
import { day, money, moment, number, t } from "../words";

type Saved = Answer<"/savings">["saved"];
type Purchase = Answer<"/savings/purchases">["purchases"][number];

const WAYS = { month: () => t("By month"), trip: () => t("By trip") };

function noon(one: string): Date {
  return new Date(`${one}T12:00:00+03:30`);
}

function between(first: string, last: string): string {
  if (first === last) return day(noon(first));
  return t("%(first)s to %(last)s", { first: day(noon(first)), last: day(noon(last)) });
}

export function Savings({ asked }: { asked: URLSearchParams }) {
  const by = asked.get("by") === "trip" ? "trip" : "month";
  const year = useRead("/savings", { query: { by } });
  return (
    <Screen title={t("What I saved")}>
      <nav class="chips" aria-label={t("What I saved")}>
        {Object.entries(WAYS).map(([way, says]) => (
          <a key={way} class="chip" href={`#/savings?by=${way}`} aria-current={way === by ? "page" : undefined}>
            {says()}
          </a>
        ))}
      </nav>
      <Shown reading={year}>
        {({ saved, periods }) => (
          <>
            <Sums saved={saved} />
            <section class="block">
              {periods.length === 0 && <p class="empty">{t("Pay with the card where goods have a card price or the shop takes a discount off.")}</p>}
              <ul class="list">
                {periods.map((one) => (
                  <li key={one.from}>
                    <a href={`#/saved/${one.from}/${one.to}`}>
                      <Icon name="discount" />
                      <span class="grow">
                        <b>{between(one.from, one.to)}</b>
                        <small>{t("Purchases: %(count)s", { count: number(one.saved.purchases) })}</small>
                      </span>
                      {one.saved.saved_rial > 0 && (
                        <b class="amount good">
                          <bdi>{money(one.saved.saved_rial)}</bdi>
                        </b>
                      )}
                    </a>
                  </li>
                ))}
              </ul>
              {by === "trip" && <p class="muted">{t("A trip ends with a week without a purchase.")}</p>}
            </section>
          </>
        )}
      </Shown>
    </Screen>
  );
}

/** Each purchase of a period; the sums above them are theirs. */
export function SavedPurchases({ first, last }: { first: string; last: string }) {
  const found = useRead("/savings/purchases", { query: { from: first, to: last } });
  const [older, setOlder] = useState<Purchase[]>([]);
  const [next, setNext] = useState<string | null>();
  const [fault, setFault] = useState("");
  const more = async (cursor: string) => {
    setFault("");
    try {
      const { body } = await read("/savings/purchases", { query: { from: first, to: last, cursor } });
      setOlder((shown) => [...shown, ...body.purchases]);
      setNext(body.next);
    } catch (error) {
      setFault(faultOf(error as Error));
    }
  };
  return (
    <Screen title={t("What I saved")}>
      <p class="muted">{between(first, last)}</p>
      <Shown reading={found}>
        {(page) => {
          const cursor = next === undefined ? page.next : next;
          return (
            <>
              <Sums saved={page.saved} />
              <section class="block">
                <Purchases purchases={[...page.purchases, ...older]} />
                <Fault says={fault} />
                {cursor && (
                  <button class="button quiet" onClick={() => more(cursor)}>
                    {t("Show more purchases")}
                  </button>
                )}
              </section>
            </>
          );
        }}
      </Shown>
      <a class="button quiet" href="#/savings">
        <Icon name="chevron-left" turns />
        {t("What I saved")}
      </a>
    </Screen>
  );
}

function Purchases({ purchases }: { purchases: Purchase[] }) {
  if (purchases.length === 0) return <p class="empty">{t("Nothing here yet.")}</p>;
  return (
    <ul class="list">
      {purchases.map((one) => (
        <li key={one.entry ?? one.at}>
          <Row entry={one.entry}>
            <Icon name="shopping-bag" />
            <span class="grow">
              <b>
                <bdi>{one.shop ?? t("Purchase")}</bdi>
              </b>
              <small>{moment(new Date(one.at))}</small>
              {one.returned_rial > 0 && <small>{t("%(amount)s given back", { amount: money(one.returned_rial) })}</small>}
            </span>
            {one.saved.saved_rial > 0 && (
              <b class="amount good">
                <bdi>{money(one.saved.saved_rial)}</bdi>
              </b>
            )}
          </Row>
        </li>
      ))}
    </ul>
  );
}

function Row({ entry, children }: { entry: string | null; children: ComponentChildren }) {
  return entry ? <a href={`#/receipt/${entry.slice(0, 10)}/${entry.slice(11)}`}>{children}</a> : <div class="still">{children}</div>;
}

function Sums({ saved }: { saved: Saved }) {
  const rows: [string, number][] = [
    [t("By card prices"), saved.by_card_prices_rial],
    [t("By discounts"), saved.by_discounts_rial],
    [t("Paid with credit"), saved.by_credit_rial],
    [t("Credit earned, for the next time"), saved.credit_earned_rial],
  ];
  return (
    <section class="hero" aria-label={t("Saved")}>
      <p>{t("Saved")}</p>
      <p class="figure">
        <bdi>{money(saved.saved_rial)}</bdi>
      </p>
      <dl>
        {rows.map(([name, rial]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <bdi>{money(rial)}</bdi>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
