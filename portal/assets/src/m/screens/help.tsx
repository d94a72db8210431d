// The help card: what somebody who is lost lets any terminal show; one's own, and those of people whose guardian one is.
import { useState } from "preact/hooks";
import { act } from "../api";
import { Icon, Note, Screen, Shown, useRead } from "../parts";
import type { Answer } from "../shapes";
import { useStep } from "../step";
import { moment, t } from "../words";

type Card = Answer<"/help-card">;
type Word = Card["shows"][number];

const WORDS: Record<Word, () => string> = {
  name: () => t("What people call me"),
  language: () => t("The language I speak"),
  lodging: () => t("Where I stay"),
  leader: () => t("Who to call, with the number"),
  alert: () => t("Medical alert"),
};
const OUTCOMES: Record<string, () => string> = {
  shown: () => t("Shown"),
  refused: () => t("Not shown"),
  too_often: () => t("Stopped: asked too often"),
};
const WAYS: Record<string, () => string> = { sms: () => t("By SMS to"), email: () => t("By e-mail to"), app: () => t("In the app") };
const STATES: Record<string, () => string> = {
  seen: () => t("They have seen it"),
  delivered: () => t("Delivered"),
  sent: () => t("On its way"),
  waiting: () => t("On its way"),
  unseen: () => t("Not seen yet"),
};
const TEXTS: { name: "called" | "leader_name" | "leader_mobile" | "alert"; most: number; label: () => string; hint: () => string }[] = [
  { name: "called", most: 40, label: () => t("What people call me"), hint: () => t("A first name is enough") },
  { name: "leader_name", most: 80, label: () => t("Who to call"), hint: () => t("The leader of the group, or somebody of the family") },
  { name: "leader_mobile", most: 20, label: () => t("Their mobile number"), hint: () => t("Is told by SMS where the card was shown, and in the app where the number is on record") },
  { name: "alert", most: 100, label: () => t("Medical alert"), hint: () => t("For example diabetes; left empty where there is none") },
];

export function Help({ asked }: { asked: URLSearchParams }) {
  const kept = useRead("/help-card/wards");
  const person = asked.get("person") ?? "";
  const query = person ? { person } : {};
  const card = useRead("/help-card", { query });
  return (
    <Screen title={t("Help card")}>
      <p class="muted">
        {t("For a child or an old person who may get lost: any shop's terminal shows what is allowed here, and whoever is named is told where.")}
      </p>
      <Shown reading={kept}>{({ wards }) => <Whose wards={wards} person={person} />}</Shown>
      <Shown reading={card}>{(kept) => <Form key={person} card={kept} person={person} />}</Shown>
      <Views person={person} />
    </Screen>
  );
}

function Whose({ wards, person }: { wards: { person: number; name: string }[]; person: string }) {
  if (wards.length === 0) return null;
  return (
    <nav class="choice" aria-label={t("Whose help card")}>
      <a class="button quiet" href="#/help" aria-current={person ? undefined : "page"}>
        {t("Mine")}
      </a>
      {wards.map((one) => (
        <a key={one.person} class="button quiet" href={`#/help?person=${one.person}`} aria-current={person === String(one.person) ? "page" : undefined}>
          <bdi>{one.name}</bdi>
        </a>
      ))}
    </nav>
  );
}

/** What is typed stays as it is where it is refused. */
function Form({ card, person }: { card: Card; person: string }) {
  const step = useStep();
  const [isOn, setOn] = useState(card.is_on);
  const [told, setTold] = useState("");
  const keep = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const is_on = (event.submitter as HTMLButtonElement | null)?.value !== "off";
    const text = (name: string) => String(form.get(name) ?? "");
    const body = {
      is_on,
      agree: form.has("agree"),
      shows: form.getAll("shows") as Word[],
      called: text("called"),
      leader_name: text("leader_name"),
      leader_mobile: text("leader_mobile"),
      alert: text("alert"),
      person: person ? Number(person) : null,
    };
    setTold("");
    const kept = await step.take((key) => act("put", "/help-card", key, { body }));
    if (!kept) return;
    setOn(kept.is_on);
    setTold(kept.is_on ? t("It is on: a terminal shows what is ticked.") : t("It is off: nothing is shown."));
  };
  return (
    <form class="block" onSubmit={keep}>
      <h2>{t("A terminal may show")}</h2>
      <step.Fault />
      {told && <Note icon={isOn ? "check" : "ban"}>{told}</Note>}
      {(Object.keys(WORDS) as Word[]).map((word) => (
        <label key={word} class="pick">
          <input type="checkbox" name="shows" value={word} defaultChecked={card.shows.includes(word)} />
          <span>{WORDS[word]()}</span>
        </label>
      ))}
      {TEXTS.map((one) => (
        <label key={one.name}>
          <span>{one.label()}</span>
          <input name={one.name} defaultValue={card[one.name]} maxLength={one.most} autoComplete="off" {...(one.name === "leader_mobile" ? { dir: "ltr", type: "tel" } : { dir: "auto" })} />
          <small class="muted">{one.hint()}</small>
        </label>
      ))}
      <label class="pick">
        <input type="checkbox" name="agree" defaultChecked={card.is_on} />
        <span>{t("I agree that a terminal to which the card is held shows what is ticked above.")}</span>
      </label>
      <button class="button" value="on" disabled={step.isBusy}>
        {isOn ? t("Save it") : t("Switch it on")}
      </button>
      {isOn && (
        <button class="button quiet" value="off" disabled={step.isBusy}>
          {t("Switch it off")}
        </button>
      )}
    </form>
  );
}

function Views({ person }: { person: string }) {
  const views = useRead("/help-card/views", { query: person ? { person } : {} });
  return (
    <section class="block" aria-labelledby="asked">
      <h2 id="asked">{t("Who asked")}</h2>
      <Shown reading={views}>
        {({ views: seen }) => (
          <>
            {seen.length === 0 && <p class="empty">{t("Nobody asked yet")}</p>}
            {seen.map((one) => (
              <p key={one.view}>
                <Icon name="map-pin" />{" "}
                <a href={`#/place/${one.place_id}`}>
                  <bdi>{one.place}</bdi>
                </a>
                <br />
                <small>
                  {moment(new Date(one.at))} · {(OUTCOMES[one.outcome] ?? (() => one.outcome))()}
                  {one.shown.map((word) => ` · ${WORDS[word]()}`)}
                </small>
                {one.told.map((told) => (
                  <small key={`${told.way} ${told.to}`} class={told.state === "seen" || told.state === "delivered" ? "said good" : "said"}>
                    {WAYS[told.way]!()} {told.to && <bdi dir="ltr">{told.to}</bdi>}: {(STATES[told.state] ?? (() => t("Did not arrive")))()}
                  </small>
                ))}
              </p>
            ))}
          </>
        )}
      </Shown>
    </section>
  );
}
