// What the holder complained of and what came of it; a new complaint begins at the receipt of its purchase.
import { useState } from "preact/hooks";
import { write } from "../api";
import { Fact, Icon, Note, Screen, Shown, useRead } from "../parts";
import type { Answer } from "../shapes";
import { useLater } from "../step";
import { digits, money, moment, t } from "../words";
import { KeptPictures, MOST_PICTURES, TakePictures, contentOf } from "./pictures";

type Complaint = Answer<"/complaints">["complaints"][number];
type Cause = Complaint["cause"];

const CAUSES: Record<Cause, [string, () => string]> = {
  overcharge: ["coins", () => t("It was too expensive")],
  bad_goods: ["package", () => t("The goods were bad")],
  rude: ["user", () => t("I was treated badly")],
  wrong_data: ["map-pin", () => t("What is said of the shop is wrong")],
  terminal: ["device-tablet", () => t("The card or the terminal did not work")],
  other: ["info-circle", () => t("Something else")],
};

const STATES: Record<Complaint["state"], () => string> = {
  acknowledged: () => t("On record"),
  in_progress: () => t("Being looked into"),
  waiting: () => t("Waiting for you"),
  resolved: () => t("Solved"),
  refused: () => t("Refused with a reason"),
};

const SIDES: Record<string, () => string> = {
  complainant: () => t("You"),
  shop: () => t("The shop"),
  union: () => t("The union"),
  municipality: () => t("The municipality"),
  system: () => t("The platform"),
};

// What happened without a word of anybody.
const EVENTS: Record<string, () => string> = {
  escalate: () => t("There is no answer in time; the municipality sees it now."),
  "pay order": () => t("The refund went to the card"),
};

export function Complaints() {
  const complaints = useRead("/complaints");
  return (
    <Screen title={t("My complaints")}>
      <Shown reading={complaints}>
        {({ complaints: known }) =>
          known.length === 0 ? (
            <p class="empty">{t("Should something be wrong with a purchase, open its receipt and tap “Something was wrong”.")}</p>
          ) : (
            <ul class="list">
              {known.map((one) => (
                <li key={one.complaint}>
                  <a href={`#/complaint/${one.complaint}`}>
                    <Icon name={CAUSES[one.cause][0]} />
                    <span class="grow">
                      <b>
                        <bdi>{one.shop}</bdi>
                      </b>
                      <small>{CAUSES[one.cause][1]()}</small>
                    </span>
                    <b>{STATES[one.state]()}</b>
                  </a>
                </li>
              ))}
            </ul>
          )
        }
      </Shown>
    </Screen>
  );
}

export function OneComplaint({ id }: { id: string }) {
  const whole = useRead("/complaints/{complaint_id}", { values: { complaint_id: id } });
  return (
    <Screen title={t("Complaint no. %(number)s", { number: digits(id) })}>
      <Shown reading={whole}>
        {(told) => (
          <>
            <section class="block">
              <dl class="facts">
                <Fact name={t("Shop")} value={told.complaint.shop} />
                <Fact name={t("What is wrong")} value={CAUSES[told.complaint.cause][1]()} />
                <Fact name={t("State")} value={STATES[told.complaint.state]()} />
                {told.complaint.amount_rial && <Fact name={t("Amount")} value={money(told.complaint.amount_rial)} />}
                {told.complaint.answer_by && <Fact name={t("Answer by")} value={moment(new Date(told.complaint.answer_by))} />}
              </dl>
              {told.refunded_rial > 0 && (
                <Note icon="receipt-refund">{t("%(amount)s went back to the card by order of the union.", { amount: money(told.refunded_rial) })}</Note>
              )}
            </section>
            {told.complaint.answer && (
              <section class="block" aria-labelledby="decision">
                <h2 id="decision">{t("The decision")}</h2>
                <p class="said" dir="auto">
                  {told.complaint.answer}
                </p>
              </section>
            )}
            <section class="block" aria-labelledby="said">
              <h2 id="said">{t("What was said")}</h2>
              <ul class="list">
                {told.notes.map((one) => (
                  <li key={`${one.at} ${one.act}`}>
                    <span class="grow">
                      <b>{SIDES[one.by]?.()}</b>
                      <span class="said" dir="auto">
                        {one.words || EVENTS[one.act]?.()}
                      </span>
                      <small>{moment(new Date(one.at))}</small>
                    </span>
                  </li>
                ))}
              </ul>
            </section>
            <KeptPictures complaint={id} pictures={told.pictures} />
            {!told.complaint.answer && <Reply id={id} isAsked={told.complaint.state === "waiting"} most={MOST_PICTURES - told.pictures.length} />}
          </>
        )}
      </Shown>
    </Screen>
  );
}

function Reply({ id, isAsked, most }: { id: string; isAsked: boolean; most: number }) {
  const [pictures, setPictures] = useState<string[]>([]);
  const form = useWriting(async (words) => {
    const values = { complaint_id: id };
    let isDone = true;
    for (const one of pictures) {
      const body = { picture: contentOf(one) };
      isDone = (await write("post", "/complaints/{complaint_id}/pictures", t("Photo for a complaint"), { values, body })) && isDone;
      setPictures((all) => all.filter((other) => other !== one));
    }
    if (words) isDone = (await write("post", "/complaints/{complaint_id}/replies", t("Answer to a complaint"), { values, body: { words } })) && isDone;
    return isDone;
  });
  return (
    <form class="block" onSubmit={form.submit}>
      <form.Told />
      <label>
        <span>{isAsked ? t("Answer") : t("Add something")}</span>
        <textarea name="words" rows={3} maxLength={1000} dir="auto" required={pictures.length === 0} />
      </label>
      {most > 0 && <TakePictures taken={pictures} take={setPictures} most={most} />}
      <p class="muted">{t("The shop reads this too.")}</p>
      <button class="button" disabled={form.isBusy}>
        {t("Send")}
      </button>
    </form>
  );
}

/** One tap on what is wrong sends it, with the words if there are any. */
export function Complain({ entry }: { entry: string }) {
  const [pictures, setPictures] = useState<string[]>([]);
  const form = useWriting(async (words, cause) => {
    const body = { entry, cause: cause as Cause, words, mobile: "", pictures: pictures.map(contentOf) };
    const isDone = await write("post", "/complaints", t("Complaint"), { body });
    setPictures([]);
    if (isDone) location.hash = "#/complaints";
    return isDone;
  });
  return (
    <Screen title={t("What was wrong?")}>
      <form class="block" onSubmit={form.submit}>
        <form.Told />
        <label>
          <span>{t("In your own words")}</span>
          <textarea name="words" rows={2} maxLength={1000} dir="auto" />
        </label>
        <p class="muted">{t("The shop reads this too.")}</p>
        <TakePictures taken={pictures} take={setPictures} />
        {(Object.keys(CAUSES) as Cause[]).map((one) => (
          <button key={one} class="button quiet" value={one} disabled={form.isBusy}>
            <Icon name={CAUSES[one][0]} />
            {CAUSES[one][1]()}
          </button>
        ))}
      </form>
    </Screen>
  );
}

/** Send what was typed, and which button sent it. */
function useWriting(send: (words: string, button: string) => Promise<boolean>) {
  const later = useLater();
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const button = (event.submitter as HTMLButtonElement | null)?.value ?? "";
    if (await later.take(() => send(String(new FormData(form).get("words") ?? "").trim(), button))) form.reset();
  };
  return { submit, ...later };
}
