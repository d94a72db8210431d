// Money of one's own: moved between cards, given away, or taken along when one leaves.
import { useState } from "preact/hooks";
import { act } from "../api";
import { Choice, Icon, Note, Screen, Shown, useRead } from "../parts";
import type { Answer } from "../shapes";
import { useStep } from "../step";
import { digits, money, t, typedAmount } from "../words";

type Held = Answer<"/cards">["cards"][number] & { isFamily: boolean };
type Receiver = Answer<"/receivers">["receivers"][number];

const CAUSES: Record<Receiver["causes"][number], () => string> = { vow: () => t("Vow"), endowment: () => t("Endowment"), charity: () => t("Charity") };

const WAYS = [
  ["sheba", () => t("Bank account")],
  ["gift", () => t("As a gift")],
] as const;

export function Money() {
  const cards = useRead("/cards");
  const receivers = useRead("/receivers");
  const family = useRead("/family-card");
  const [left, setLeft] = useState("");
  return (
    <Screen title={t("My money")}>
      {left && (
        <Note icon="circle-check">
          {t("Everything is paid out, and the card is closed.")} <Receipt entry={left} />
        </Note>
      )}
      <Shown reading={cards}>
        {({ cards: all }) => {
          const held = all
            .filter((one) => one.wallet !== null && one.holds_money && !["replaced", "refunded"].includes(one.status))
            .map((one) => ({ ...one, isFamily: one.wallet === family.seen?.body.wallet }));
          const own = held.filter((one, at) => held.findIndex((other) => other.wallet === one.wallet) === at);
          if (own.length === 0 && left) return null;
          return own.length === 0 ? (
            <Note icon="credit-card">{t("You have no card yet. Any desk of the network gives you one.")}</Note>
          ) : (
            <>
              {own.length > 1 && <Move cards={own} />}
              <Give cards={own} receivers={receivers.seen?.body.receivers ?? []} />
              <Leave key={own.map((one) => one.card).join()} cards={own} receivers={receivers.seen?.body.receivers ?? []} tell={setLeft} />
            </>
          );
        }}
      </Shown>
    </Screen>
  );
}

function called(card: Held): string {
  return card.isFamily ? t("Family's purse") : t("Card %(number)s", { number: digits(card.masked.slice(-4)) });
}

function named(cards: Held[]): [string, string][] {
  return cards.map((one) => [String(one.card), called(one)]);
}

function Amount() {
  return (
    <label>
      <span>{t("Amount, in Rial")}</span>
      <input name="amount" required inputMode="numeric" dir="ltr" autoComplete="off" maxLength={20} />
    </label>
  );
}

function Move({ cards }: { cards: Held[] }) {
  const step = useStep();
  const [told, setTold] = useState("");
  const submit = async (event: Event) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const typed = new FormData(form);
    const body = { from: Number(typed.get("from")), to: Number(typed.get("to")), amount_rial: typedAmount(typed.get("amount")) };
    const done = await step.take((key) => act("post", "/transfers", key, { body }));
    if (done) setTold(t("%(amount)s moved. Left there: %(left)s.", { amount: money(done.amount_rial), left: money(done.left_rial) }));
    if (done) form.reset();
  };
  return (
    <form class="block" onSubmit={submit}>
      <h2>{t("Move money")}</h2>
      <p class="muted">{t("Between your own cards and the family's purse. It is there at once and costs nothing.")}</p>
      <step.Fault />
      {told && <Note icon="circle-check">{told}</Note>}
      <Choice name="from" label={t("From which card")} is={String(cards[0]!.card)} of={named(cards)} />
      <Choice name="to" label={t("To which card")} is={String(cards[1]!.card)} of={named(cards)} />
      <Amount />
      <button class="button" disabled={step.isBusy}>
        {t("Move it")}
      </button>
    </form>
  );
}

function Receivers({ receivers }: { receivers: Receiver[] }) {
  const [chosen, choose] = useState(receivers[0]!.receiver);
  const one = receivers.find((other) => other.receiver === chosen) ?? receivers[0]!;
  return (
    <>
      <Choice name="receiver" label={t("To whom")} is={String(chosen)} of={receivers.map((other) => [String(other.receiver), other.name] as const)} choose={(other) => choose(Number(other))} />
      <p class="muted">{one.about}</p>
      <Choice name="cause" label={t("What for")} is={one.causes[0]} of={one.causes.map((cause) => [cause, CAUSES[cause]()] as const)} />
    </>
  );
}

function Give({ cards, receivers }: { cards: Held[]; receivers: Receiver[] }) {
  const step = useStep();
  const [entry, setEntry] = useState("");
  if (receivers.length === 0) return null;
  const submit = async (event: Event) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const typed = new FormData(form);
    const cause = String(typed.get("cause")) as Receiver["causes"][number];
    const body = { card: Number(typed.get("card")), receiver: Number(typed.get("receiver")), cause, amount_rial: typedAmount(typed.get("amount")) };
    const done = await step.take((key) => act("post", "/givings", key, { body }));
    if (done) setEntry(done.entry);
    if (done) form.reset();
  };
  return (
    <form class="block" onSubmit={submit}>
      <h2>{t("Give")}</h2>
      <step.Fault />
      {entry && <Thanks entry={entry} />}
      <Receivers receivers={receivers} />
      <Amount />
      <Choice name="card" label={t("From which card")} is={String(cards[0]!.card)} of={named(cards)} />
      <button class="button" disabled={step.isBusy}>
        <Icon name="gift" />
        {t("Give it")}
      </button>
    </form>
  );
}

function Thanks({ entry }: { entry: string }) {
  return (
    <Note icon="circle-check">
      {t("May it be accepted.")} <Receipt entry={entry} />
    </Note>
  );
}

function Receipt({ entry }: { entry: string }) {
  return <a href={`#/receipt/${entry.slice(0, 10)}/${entry.slice(11)}`}>{t("Receipt")}</a>;
}

/** Cash is paid at a desk; here the money goes to one's own bank account, or is given away. */
function Leave({ cards, receivers, tell }: { cards: Held[]; receivers: Receiver[]; tell: (entry: string) => void }) {
  const [card, choose] = useState(cards[0]!.card);
  const [way, setWay] = useState<"sheba" | "gift">("sheba");
  const standing = useRead("/cards/{card_id}/leaving", { values: { card_id: card } });
  const step = useStep();
  const found = standing.seen?.body;
  const submit = async (event: Event) => {
    event.preventDefault();
    const typed = new FormData(event.currentTarget as HTMLFormElement);
    if (!confirm(t("Pay everything out and close the card?"))) return;
    const knows_loss = typed.get("knows_loss") === "yes";
    const cause = String(typed.get("cause")) as Receiver["causes"][number];
    const body =
      way === "sheba"
        ? { way, sheba: String(typed.get("sheba")), holder_name: String(typed.get("holder_name")), knows_loss }
        : { way, receiver: Number(typed.get("receiver")), cause, knows_loss };
    const done = await step.take((key) => act("post", "/cards/{card_id}/leaving", key, { values: { card_id: card }, body }));
    if (done) tell(done.entry);
  };
  return (
    <form class="block" onSubmit={submit}>
      <h2>{t("Pay out and close")}</h2>
      <p class="muted">{t("Everything is paid out and the card is closed. It costs nothing.")} {t("In cash any desk pays it out.")}</p>
      <step.Fault />
      <Choice label={t("Card")} is={String(card)} of={named(cards)} choose={(one) => choose(Number(one))} />
      {standing.fault && !found && <Note icon="alert-triangle">{standing.fault}</Note>}
      {found && <p class="figure">{money(found.money_rial)}</p>}
      <Choice label={t("How it is paid out")} is={way} of={WAYS.slice(0, receivers.length > 0 ? 2 : 1).map(([one, says]) => [one, says()] as const)} choose={(one) => setWay(one as "sheba" | "gift")} />
      {way === "sheba" ? (
        <>
          <label>
            <span>{t("Sheba")}</span>
            <input name="sheba" required dir="ltr" autoComplete="off" maxLength={40} />
          </label>
          <label>
            <span>{t("Holder of the account")}</span>
            <input name="holder_name" required dir="auto" autoComplete="off" maxLength={70} />
          </label>
        </>
      ) : (
        <Receivers receivers={receivers} />
      )}
      {found && found.lapses_rial > 0 && (
        <label class="pick">
          <input type="checkbox" name="knows_loss" value="yes" />
          <span>{t("I know that %(amount)s of credit, gifts and benefits cannot be spent any more.", { amount: money(found.lapses_rial) })}</span>
        </label>
      )}
      <button class="button" disabled={step.isBusy || !found || found.money_rial <= 0}>
        {t("Pay out and close")}
      </button>
    </form>
  );
}
