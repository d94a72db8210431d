// Who has no card asks for one here and collects it at a desk; what became of it is told in the same place.
import { useState } from "preact/hooks";
import { write } from "../api";
import { CityChoice, useCities } from "../cities";
import { Choice, Icon, Note, Shown, useRead } from "../parts";
import type { Answer } from "../shapes";
import { useLater } from "../step";
import { LANGUAGES, language, moment, t } from "../words";

type Asked = Answer<"/first-cards">["first_cards"][number];

const STATES: Record<string, [string, () => string]> = {
  asked: ["hourglass", () => t("Asked for")],
  ready: ["circle-check", () => t("Ready at the desk")],
  done: ["credit-card", () => t("Handed over")],
  refused: ["ban", () => t("Refused")],
  withdrawn: ["ban", () => t("Called off")],
};

export function FirstCard() {
  const asked = useRead("/first-cards");
  return (
    <>
      <Note icon="credit-card">{t("You have no card yet. Any desk of the network gives you one.")}</Note>
      <Shown reading={asked}>{({ first_cards: known }) => <Wish known={known} />}</Shown>
    </>
  );
}

function Wish({ known }: { known: Asked[] }) {
  const [newest] = known;
  const isOpen = newest?.state === "asked" || newest?.state === "ready";
  const [isChanging, setChanging] = useState(false);
  const later = useLater();
  const act = async (path: "/first-cards" | "/first-cards/withdraw", label: string, body?: object) => {
    if (await later.take(() => write("post", path, label, (body ? { body } : {}) as never))) setChanging(false);
  };
  return (
    <section class="block" aria-labelledby="first-card">
      <h2 id="first-card">{t("Ask for a card")}</h2>
      <later.Told />
      {newest && <State one={newest} />}
      {(!isOpen || isChanging) && <Form now={isOpen ? newest : undefined} isBusy={later.isBusy} ask={(body) => act("/first-cards", t("Ask for a card"), body)} />}
      {newest?.state === "asked" && !isChanging && (
        <button class="button quiet" onClick={() => setChanging(true)}>
          <Icon name="refresh" />
          {t("Change what you asked for")}
        </button>
      )}
      {isOpen && (
        <button class="button quiet" disabled={later.isBusy} onClick={() => act("/first-cards/withdraw", t("I need no card any more"))}>
          <Icon name="x" />
          {t("I need no card any more")}
        </button>
      )}
    </section>
  );
}

function State({ one }: { one: Asked }) {
  const cities = useCities();
  const [icon, says] = STATES[one.state]!;
  const city = cities.find((place) => place.code === one.city)?.name ?? one.city;
  return (
    <Note icon={icon} kind={one.state === "ready" ? "done" : ""}>
      <b>{says()}</b> · {city} · {moment(new Date(one.asked_at))}
      {one.state === "ready" && (
        <>
          <br />
          {t("Where it lies:")} <bdi>{one.desk}</bdi>. {t("Bring a document.")}
        </>
      )}
      {one.why && (
        <>
          <br />
          {t("Why not:")} <bdi>{one.why}</bdi>
        </>
      )}
    </Note>
  );
}

function Form({ now, isBusy, ask }: { now: Asked | undefined; isBusy: boolean; ask: (body: object) => Promise<void> }) {
  const kinds = useRead("/card-kinds");
  const cities = useCities();
  const [spoken, setSpoken] = useState<string>(now?.language ?? language());
  const [kind, setKind] = useState(now?.kind ?? "");
  const [city, setCity] = useState(now?.city ?? "");
  const offered = kinds.seen?.body.kinds ?? [];
  const chosen = {
    kind: kind || (offered.find((one) => one.kind === "standard") ?? offered[0])?.kind,
    city: city || cities[0]?.code,
    language: spoken,
  };
  return (
    <form
      class="choice"
      onSubmit={(event) => {
        event.preventDefault();
        void ask(chosen);
      }}
    >
      <Choice label={t("Kind of card")} is={chosen.kind} of={offered.map((one) => [one.kind, one.name] as const)} choose={setKind} />
      <CityChoice cities={cities} says={t("At a desk in which city?")} is={chosen.city ?? ""} choose={setCity} />
      <Choice label={t("Language of the receipts")} is={spoken} of={Object.entries(LANGUAGES)} choose={setSpoken} />
      <button class="button" disabled={isBusy || !chosen.kind || !chosen.city}>
        {t("Ask for it")}
      </button>
    </form>
  );
}
