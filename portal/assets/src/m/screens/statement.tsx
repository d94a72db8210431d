import { useState } from "preact/hooks";
import { read } from "../api";
import { Entries, nameOf, type Entry } from "../entries";
import { Fact, Fault, Icon, Note, Screen, Shown, faultOf, useRead } from "../parts";
import { digits, money, moment, t } from "../words";

export function Statement() {
  const first = useRead("/statement");
  const [older, setOlder] = useState<Entry[]>([]);
  const [next, setNext] = useState<string | null>();
  const [fault, setFault] = useState("");
  const more = async (cursor: string) => {
    setFault("");
    try {
      const { body } = await read("/statement", { query: { cursor } });
      setOlder((shown) => [...shown, ...body.entries]);
      setNext(body.next);
    } catch (error) {
      setFault(faultOf(error as Error));
    }
  };
  return (
    <Screen title={t("Statement")}>
      <a class="button quiet" href="#/savings">
        <Icon name="discount" />
        {t("What I saved")}
      </a>
      <Shown reading={first}>
        {(page) => {
          const cursor = next === undefined ? page.next : next;
          return (
            <section class="block">
              <Entries entries={[...page.entries, ...older]} />
              <Fault says={fault} />
              {cursor && (
                <button class="button quiet" onClick={() => more(cursor)}>
                  {t("Show older entries")}
                </button>
              )}
            </section>
          );
        }}
      </Shown>
    </Screen>
  );
}

export function Receipt({ day, entry }: { day: string; entry: string }) {
  const receipt = useRead("/receipts/{day}/{entry_id}", { values: { day, entry_id: entry } });
  return (
    <Screen title={t("Receipt")}>
      <Shown reading={receipt}>
        {(told) => (
          <section class="block">
            <p class="figure">
              <bdi>{money(told.entry.amount_rial)}</bdi>
            </p>
            <dl class="facts">
              <Fact name={nameOf(told.entry)} value={told.entry.shop ?? ""} />
              <Fact name={t("When")} value={moment(new Date(told.entry.at))} />
              {told.card_price_saved_rial > 0 && (
                <>
                  <Moved name={t("Price without the card")} rial={told.entry.amount_rial + told.entry.saved_rial} />
                  <Moved name={t("By card prices")} rial={told.card_price_saved_rial} />
                </>
              )}
              <Moved name={told.card_price_saved_rial > 0 ? t("Price with the card") : t("Price")} rial={told.price_rial ?? 0} />
              <Moved name={t("Cash discount")} rial={told.discount_rial} />
              <Moved name={t("Paid with money")} rial={told.paid_money_rial} />
              <Moved name={told.entry.benefit_rial > 0 ? t("To the benefit") : t("Paid with a benefit")} rial={Math.abs(told.entry.benefit_rial)} />
              <Moved name={t("Paid with credit")} rial={told.entry.credit_spent_rial} />
              <Moved name={t("Saved by the card")} rial={told.entry.saved_rial} />
              <Moved name={t("Credit earned")} rial={told.credit_earned_rial} />
              <Moved name={t("Credit given back")} rial={told.credit_back_rial} />
              <Moved name={t("Credit taken back")} rial={told.credit_taken_back_rial} />
              <Fact name={t("Reference")} value={digits(told.entry.id)} />
            </dl>
            {told.rules.map((sentence) => (
              <Note key={sentence} icon="discount">
                {sentence}
              </Note>
            ))}
            {told.entry.is_ordered && <Note icon="receipt-refund">{t("By order of the union")}</Note>}
            {told.entry.kind === "purchase" && (
              <a class="button quiet" href={`#/complain/${day}/${entry}`}>
                <Icon name="alert-triangle" />
                {t("Something was wrong")}
              </a>
            )}
            <a class="button quiet" href="#/statement">
              <Icon name="chevron-left" turns />
              {t("Whole statement")}
            </a>
          </section>
        )}
      </Shown>
    </Screen>
  );
}

function Moved({ name, rial }: { name: string; rial: number }) {
  return rial ? <Fact name={name} value={money(rial)} /> : null;
}
