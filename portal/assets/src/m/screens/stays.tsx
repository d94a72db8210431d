// Bookings: the list, one with its pass, and the places in waiting lists.
import { useEffect, useState } from "preact/hooks";
import { act, read } from "../api";
import { Icon, Note, Screen, Shown, useRead } from "../parts";
import { Pass } from "./pass";
import type { Answer } from "../shapes";
import { useStep } from "../step";
import { clock, day, digits, moment, money, number, t } from "../words";

type Row = Answer<"/bookings">["bookings"][number];
type Whole = Answer<"/bookings/{booking_id}">;

const LIVE = ["held", "confirmed", "arrived"];
const STATES: Record<string, () => string> = {
  held: () => t("Kept, to be paid"),
  confirmed: () => t("Booked"),
  arrived: () => t("Arrived"),
  left: () => t("Left"),
  cancelled: () => t("Cancelled"),
  expired: () => t("Not paid in time"),
  no_show: () => t("Nobody came"),
};

export function Stays() {
  const bookings = useRead("/bookings");
  const line = useRead("/waitings");
  useEffect(() => {
    // A pass is on the phone from the moment of booking, wherever it was booked.
    for (const one of bookings.seen?.body.bookings ?? []) {
      if (LIVE.includes(one.state)) void read("/bookings/{booking_id}", { values: { booking_id: one.booking } }).catch(() => undefined);
    }
  }, [bookings.seen]);
  return (
    <Screen title={t("My bookings")}>
      <a class="button" href="#/find">
        <Icon name="search" />
        {t("Find lodging")}
      </a>
      <a class="button quiet" href="#/programmes">
        <Icon name="pray" />
        {t("Programmes and tours")}
      </a>
      <section class="block">
        <Shown reading={bookings}>{({ bookings: all }) => <Rows bookings={all} />}</Shown>
      </section>
      {(line.seen?.body.waitings.length ?? 0) > 0 && (
        <section class="block" aria-labelledby="line">
          <h2 id="line">{t("Waiting lists")}</h2>
          {line.seen!.body.waitings.map((one) => (
            <InLine key={one.waiting} one={one} />
          ))}
        </section>
      )}
    </Screen>
  );
}

export function Rows({ bookings }: { bookings: Row[] }) {
  if (bookings.length === 0) return <p class="empty">{t("Nothing here yet.")}</p>;
  return (
    <ul class="list">
      {bookings.map((one) => (
        <li key={one.booking}>
          <a href={`#/booking/${one.booking}`}>
            <Icon name={one.from ? "bed" : "pray"} />
            <span class="grow">
              <b>
                <bdi>{one.name}</bdi>
              </b>
              <small>{day(new Date(one.starts_at))}</small>
            </span>
            <small>{(STATES[one.state] ?? (() => one.state))()}</small>
          </a>
        </li>
      ))}
    </ul>
  );
}

function InLine({ one }: { one: Answer<"/waitings">["waitings"][number] }) {
  const step = useStep();
  return (
    <div class="choice">
      <p>
        <b>
          <bdi>{one.name}</bdi>
        </b>
        {one.place !== null && `: ${t("number %(place)s in line", { place: number(one.place) })}`}
      </p>
      {one.from && one.until && (
        <p class="muted">
          {day(new Date(`${one.from}T09:00:00Z`))} – {day(new Date(`${one.until}T09:00:00Z`))}
        </p>
      )}
      <step.Fault />
      {one.booking !== null && (
        <a class="button" href={`#/booking/${one.booking}`}>
          {t("There is room for you now")}
        </a>
      )}
      <button class="button quiet" disabled={step.isBusy} onClick={() => step.take((key) => act("delete", "/waitings/{waiting_id}", key, { values: { waiting_id: one.waiting } }))}>
        {t("Leave the line")}
      </button>
    </div>
  );
}

export function Booking({ id }: { id: string }) {
  const booking = useRead("/bookings/{booking_id}", { values: { booking_id: id } });
  return (
    <Screen title={t("Booking")}>
      <Shown reading={booking}>{(whole) => <OneBooking whole={whole} />}</Shown>
    </Screen>
  );
}

function OneBooking({ whole }: { whole: Whole }) {
  const { booking, places } = whole;
  return (
    <>
      {whole.pass && whole.code && <Pass booking={booking.booking} kept={whole.pass} number={whole.code} />}
      <section class="block">
        <h2>
          <bdi>{booking.name}</bdi>
        </h2>
        <p>
          <b>{(STATES[booking.state] ?? (() => booking.state))()}</b>
          {booking.held_until && ` · ${t("kept until %(time)s", { time: clock(new Date(booking.held_until)) })}`}
        </p>
        <dl class="facts">
          <div>
            <dt>{booking.from ? t("Arrival") : t("Begins")}</dt>
            <dd>{booking.from ? day(new Date(booking.starts_at)) : moment(new Date(booking.starts_at))}</dd>
          </div>
          {booking.until && (
            <div>
              <dt>{t("Departure")}</dt>
              <dd>{day(new Date(`${booking.until}T08:00:00Z`))}</dd>
            </div>
          )}
          <div>
            <dt>{t("In the name of")}</dt>
            <dd>
              <bdi>{booking.holder_name}</bdi>
            </dd>
          </div>
          {places.map((one) => (
            <div key={one.name}>
              <dt>
                <bdi>{one.name}</bdi> × {number(one.quantity)}
              </dt>
              <dd>{one.rooms.length > 0 && t("Rooms %(rooms)s", { rooms: digits(one.rooms.join("، ")) })}</dd>
            </div>
          ))}
          <div>
            <dt>{t("Price")}</dt>
            <dd>{money(booking.price_rial)}</dd>
          </div>
          <div>
            <dt>{t("Paid")}</dt>
            <dd>{money(booking.paid_rial)}</dd>
          </div>
          {whole.returned_rial > 0 && (
            <div>
              <dt>{t("Back on the card")}</dt>
              <dd class="back">{money(whole.returned_rial)}</dd>
            </div>
          )}
        </dl>
      </section>
      {booking.due_rial > 0 && <Pay booking={booking} />}
      {booking.state === "held" && booking.due_rial === 0 && <Accept booking={booking} />}
      {["held", "confirmed"].includes(booking.state) && <Cancel whole={whole} />}
    </>
  );
}

function Pay({ booking }: { booking: Row }) {
  const cards = useRead("/cards");
  const step = useStep();
  const usable = (cards.seen?.body.cards ?? []).filter((one) => one.status === "active" && one.holds_money);
  return (
    <section class="block" aria-labelledby="pay">
      <h2 id="pay">{t("To be paid: %(amount)s", { amount: money(booking.due_rial) })}</h2>
      <step.Fault />
      {cards.seen && usable.length === 0 && <Note icon="credit-card">{t("No card of yours can pay now. Any desk helps you.")}</Note>}
      {usable.map((one) => (
        <button
          key={one.card}
          class="button"
          disabled={step.isBusy}
          onClick={() =>
            step.take((key) => act("post", "/bookings/{booking_id}/pay", key, { values: { booking_id: booking.booking }, body: { card: one.card } }))
          }
        >
          <Icon name="credit-card" />
          {t("Pay by card %(end)s", { end: digits(one.masked.slice(-4)) })}
        </button>
      ))}
    </section>
  );
}

/** What was offered and costs nothing is still to be accepted. */
function Accept({ booking }: { booking: Row }) {
  const step = useStep();
  const accept = (key: string) => act("post", "/bookings/{booking_id}/pay", key, { values: { booking_id: booking.booking }, body: { card: null } });
  return (
    <section class="block">
      <step.Fault />
      <button class="button" disabled={step.isBusy} onClick={() => step.take(accept)}>
        <Icon name="check" />
        {t("Yes, we come")}
      </button>
    </section>
  );
}

function Cancel({ whole }: { whole: Whole }) {
  const [isAsked, setAsked] = useState(false);
  const step = useStep();
  const { booking } = whole;
  if (!isAsked)
    return (
      <button class="button quiet" onClick={() => setAsked(true)}>
        <Icon name="x" />
        {t("Cancel the booking")}
      </button>
    );
  return (
    <section class="block" aria-labelledby="cancel">
      <h2 id="cancel">{t("Cancel the booking?")}</h2>
      <p>
        {booking.price_rial === 0
          ? t("It costs nothing; others get the seats.")
          : t("%(kept)s is kept; %(back)s is back on the card at once.", {
              kept: money(whole.cancelling_keeps_rial),
              back: money(whole.cancelling_returns_rial),
            })}
      </p>
      <step.Fault />
      <button
        class="button danger"
        disabled={step.isBusy}
        onClick={() => step.take((key) => act("post", "/bookings/{booking_id}/cancel", key, { values: { booking_id: booking.booking } }))}
      >
        {t("Yes, cancel it")}
      </button>
      <button class="button quiet" onClick={() => setAsked(false)}>
        {t("Leave it as it is")}
      </button>
    </section>
  );
}
