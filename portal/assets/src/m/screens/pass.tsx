// The pass of a booking: with a network a code that is drawn anew all the time, without one that of the booking.
import { useEffect, useState } from "preact/hooks";
import { NoNetwork, fresh } from "../api";
import { Fault, Icon, QR } from "../parts";
import type { Answer } from "../shapes";
import { digits, t } from "../words";

type Whole = Answer<"/bookings/{booking_id}">;
type Live = Answer<"/bookings/{booking_id}/pass">;

const AGAIN_MS = 5_000; // after a try that found no network

/** The code of the moment; undefined where none can be had. The phone's own clock is never asked, for it may be wrong. */
function useLive(booking: number): { live: Live | undefined; fault: string } {
  const [live, setLive] = useState<Live>();
  const [fault, setFault] = useState("");
  useEffect(() => {
    let turn = 0;
    const draw = () => {
      clearTimeout(turn);
      if (document.hidden) {
        setLive(undefined); // what is drawn now would be too old when the phone is taken out again
        return;
      }
      fresh("/bookings/{booking_id}/pass", { booking_id: booking }).then(
        (told) => {
          setLive(told);
          setFault("");
          turn = setTimeout(draw, told.next_seconds * 1000);
        },
        (error: Error) => {
          setLive(undefined);
          setFault(error instanceof NoNetwork ? "" : error.message);
          if (error instanceof NoNetwork) turn = setTimeout(draw, AGAIN_MS);
        },
      );
    };
    draw();
    document.addEventListener("visibilitychange", draw);
    addEventListener("online", draw);
    addEventListener("offline", draw);
    return () => {
      clearTimeout(turn);
      document.removeEventListener("visibilitychange", draw);
      removeEventListener("online", draw);
      removeEventListener("offline", draw);
    };
  }, [booking]);
  return { live, fault };
}

/** `kept` is the code of the booking, good without a network. */
export function Pass({ booking, kept, number }: { booking: number; kept: NonNullable<Whole["pass"]>; number: string }) {
  const { live, fault } = useLive(booking);
  return (
    <section class="block pass" aria-label={t("Pass")}>
      <QR rows={(live?.code ?? kept).rows} says={t("Pass")} />
      <p class="figure">
        <bdi dir="ltr">{digits(number.replace(/(.{3})(?=.)/g, "$1 "))}</bdi>
      </p>
      <Fault says={fault} />
      {live ? (
        <p class="live">
          <Icon name="refresh" />
          {t("Show this at the door. The code changes by itself; a picture of it opens no door.")}
        </p>
      ) : (
        <p class="muted">{t("Without a network this code works too. The door may ask for a document with your name.")}</p>
      )}
    </section>
  );
}
