import { useState } from "preact/hooks";
import { write } from "../api";
import { CityChoice, useCities } from "../cities";
import { Choice, Icon, Note, useRead } from "../parts";
import type { Answer } from "../shapes";
import { useLater } from "../step";
import { moment, t } from "../words";

type Held = Answer<"/cards">["cards"][number];
type Why = "lost" | "stolen" | "damaged" | "expired";

const REASONS: [Why, () => string][] = [
  ["lost", () => t("It is lost")],
  ["stolen", () => t("It was stolen")],
  ["damaged", () => t("It is damaged")],
  ["expired", () => t("Its time is over")],
];
const ASKABLE = ["active", "blocked", "expired"];

/** A new card in the place of this one: asked for here, handed over at a desk of the city that the holder chooses. */
export function NewCard({ card }: { card: Held }) {
  const wishes = useRead("/replacements");
  const cities = useCities();
  const [why, setWhy] = useState<Why>(firstReason(card));
  const [city, setCity] = useState("");
  const [isOpen, setOpen] = useState(false);
  const later = useLater();
  const waiting = wishes.seen?.body.replacements.find((one) => one.card === card.card && one.state === "waiting");
  const chosen = city || waiting?.city || cities[0]?.code || "";
  const act = async (path: "/cards/{card_id}/replacement" | "/cards/{card_id}/replacement/withdraw", label: string, body?: object) => {
    if (await later.take(() => write("post", path, label, { values: { card_id: card.card }, ...(body ? { body } : {}) } as never))) setOpen(false);
  };
  if (!ASKABLE.includes(card.status) || card.why_blocked === "bank") return null;
  return (
    <>
      <later.Told />
      {waiting && (
        <>
          <Note icon="hourglass">
            {t("A new card waits for you at a desk in %(city)s since %(moment)s. Bring a document.", {
              city: cities.find((one) => one.code === waiting.city)?.name ?? waiting.city,
              moment: moment(new Date(waiting.asked_at)),
            })}
          </Note>
          <button class="button quiet" disabled={later.isBusy} onClick={() => act("/cards/{card_id}/replacement/withdraw", t("I need no new card"))}>
            <Icon name="x" />
            {t("I need no new card")}
          </button>
        </>
      )}
      {!waiting && !isOpen && (
        <button class="button quiet" onClick={() => setOpen(true)}>
          <Icon name="credit-card" />
          {t("Ask for a new card")}
        </button>
      )}
      {isOpen && (
        <form
          class="choice"
          onSubmit={(event) => {
            event.preventDefault();
            void act("/cards/{card_id}/replacement", t("Ask for a new card"), { why, city: chosen });
          }}
        >
          <Choice label={t("What happened to the card?")} is={why} of={REASONS.map(([one, says]) => [one, says()] as const)} choose={(one) => setWhy(one as Why)} />
          <CityChoice cities={cities} says={t("At a desk in which city?")} is={chosen} choose={setCity} />
          {(why === "lost" || why === "stolen") && <p class="muted">{t("The old card stops at once. Your money stays yours.")}</p>}
          <button class="button" disabled={later.isBusy || !chosen}>
            {t("Ask for a new card")}
          </button>
          <button class="button quiet" type="button" onClick={() => setOpen(false)}>
            {t("Leave it as it is")}
          </button>
        </form>
      )}
    </>
  );
}

function firstReason(card: Held): Why {
  if (card.status === "expired") return "expired";
  return card.why_blocked === "stolen" ? "stolen" : "lost";
}
