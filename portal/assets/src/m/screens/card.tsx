import { useEffect, useState } from "preact/hooks";
import { NoNetwork, fresh, write } from "../api";
import { Icon, Note, QR, Screen, Shown, useRead } from "../parts";
import type { Answer } from "../shapes";
import { useLater } from "../step";
import { day, digits, t } from "../words";
import { FirstCard } from "./first_card";
import { NewCard } from "./replacement";

type Held = Answer<"/cards">["cards"][number];

const STATES: Record<string, () => string> = {
  issued: () => t("Issued"),
  active: () => t("Active"),
  blocked: () => t("Blocked"),
  replaced: () => t("Replaced"),
  expired: () => t("Expired"),
  refunded: () => t("Closed"),
};

export function Card() {
  const cards = useRead("/cards");
  return (
    <Screen title={t("My card")}>
      <Shown reading={cards}>
        {({ cards: held }) =>
          held.length === 0 ? (
            <FirstCard />
          ) : (
            held.map((one) => <Face key={one.card} card={one} />)
          )
        }
      </Shown>
    </Screen>
  );
}

function Face({ card }: { card: Held }) {
  const shown = card.masked.replaceAll("*", "•");
  return (
    <section class="block" aria-label={shown.slice(-4)}>
      <div class={`plastic ${card.status}`}>
        <p>{t("Pilgrim Card")}</p>
        <p class="pan">
          <bdi dir="ltr">{digits(`${shown.slice(0, -4).replace(/(.{4})/g, "$1 ")} ${shown.slice(-4)}`)}</bdi>
        </p>
        {!card.holds_money && <p>{t("No money on this card")}</p>}
        <p>
          <b>{(STATES[card.status] ?? (() => card.status))()}</b>
          <span>{t("until %(day)s", { day: day(new Date(card.expires_on)) })}</span>
        </p>
      </div>
      {card.status === "active" && <Pay card={card} />}
      <Hold card={card} />
      <NewCard card={card} />
      {card.holds_money ? (
        <a class="button quiet" href="#/statement">
          <Icon name="list-details" />
          {t("Whole statement")}
        </a>
      ) : (
        <Note icon="info-circle">{t("You pay in cash, and the shop takes its discount off.")}</Note>
      )}
    </section>
  );
}

const NEXT_CODE_MS = 30_000;

/** The code of the moment, and the next one before it is too old. */
function Pay({ card }: { card: Held }) {
  const [isShown, setShown] = useState(false);
  const [rows, setRows] = useState<string[]>();
  const [fault, setFault] = useState("");
  useEffect(() => {
    if (!isShown) return undefined;
    const draw = () =>
      fresh("/cards/{card_id}/code", { card_id: card.card }).then(
        (told) => {
          setRows(told.code.rows);
          setFault("");
        },
        (error: Error) => {
          setRows(undefined);
          setFault(error instanceof NoNetwork ? t("Paying by code needs the network. The card itself works without.") : error.message);
        },
      );
    void draw();
    const turn = setInterval(draw, NEXT_CODE_MS);
    return () => clearInterval(turn);
  }, [isShown, card.card]);
  return (
    <>
      <button class="button" aria-expanded={isShown} onClick={() => setShown(!isShown)}>
        <Icon name="credit-card" />
        {isShown ? t("Hide the code") : card.holds_money ? t("Pay with a code") : t("Show the card by a code")}
      </button>
      {isShown && fault && (
        <Note icon="wifi-off" kind="fault">
          {fault}
        </Note>
      )}
      {isShown && rows && (
        <div class="pass">
          <QR rows={rows} says={t("Code to pay with")} />
          <p class="muted">{t("The shop scans it. It is good for a minute and one payment.")}</p>
        </div>
      )}
    </>
  );
}

/** Stopping asks once more, as a card at a till stops at once; every way out stays open. */
function Hold({ card }: { card: Held }) {
  const [isAsked, setAsked] = useState(false);
  const later = useLater();
  const act = async (path: "/cards/{card_id}/block" | "/cards/{card_id}/unblock", why?: "holder" | "lost" | "stolen") => {
    const what = path.endsWith("unblock") ? t("Let the card pay again") : t("Stop the card");
    if (await later.take(() => write("post", path, what, { values: { card_id: card.card }, ...(why ? { body: { why } } : {}) } as never))) setAsked(false);
  };
  return (
    <>
      <later.Told />
      {card.status === "active" && !isAsked && (
        <button class="button quiet" onClick={() => setAsked(true)}>
          <Icon name="lock" />
          {t("Stop the card")}
        </button>
      )}
      {isAsked && (
        <div class="choice" role="group" aria-label={t("Why is it to be stopped?")}>
          <p>{t("Why is it to be stopped?")}</p>
          <button class="button" disabled={later.isBusy} onClick={() => act("/cards/{card_id}/block", "holder")}>
            {t("For a while")}
          </button>
          <button class="button danger" disabled={later.isBusy} onClick={() => act("/cards/{card_id}/block", "lost")}>
            {t("It is lost")}
          </button>
          <button class="button danger" disabled={later.isBusy} onClick={() => act("/cards/{card_id}/block", "stolen")}>
            {t("It was stolen")}
          </button>
          <button class="button quiet" onClick={() => setAsked(false)}>
            {t("Leave it as it is")}
          </button>
        </div>
      )}
      {card.status === "blocked" && card.why_blocked === "holder" && (
        <button class="button" disabled={later.isBusy} onClick={() => act("/cards/{card_id}/unblock")}>
          <Icon name="check" />
          {t("Let the card pay again")}
        </button>
      )}
      {card.status === "blocked" && card.why_blocked !== "holder" && (
        <Note icon="lock">{t("A desk opens this card again or gives you a new one.")}</Note>
      )}
    </>
  );
}
