// A list of entries of the purse.
import { Icon } from "./parts";
import type { Answer } from "./shapes";
import { money, moment, t } from "./words";

export type Entry = Answer<"/statement">["entries"][number];

const KINDS: Record<string, [string, () => string]> = {
  purchase: ["shopping-bag", () => t("Purchase")],
  top_up: ["cash", () => t("Top-up")],
  refund: ["receipt-refund", () => t("Refund")],
  void: ["receipt-refund", () => t("Cancellation")],
  reversal: ["arrow-back-up", () => t("Reversal")],
  advice: ["shopping-bag", () => t("Purchase")],
  earn: ["gift", () => t("Credit given")],
  expiry: ["hourglass", () => t("Expired credit")],
  transfer: ["transfer", () => t("Transfer")],
  settlement: ["logout", () => t("Paid out")],
  instalment: ["calendar", () => t("Instalment paid")],
  giving: ["gift", () => t("Given away")],
  fee: ["credit-card", () => t("Fee for a new card")],
};
// What an organisation gives, and takes back unspent, is no credit.
const OF_BENEFITS: Record<string, () => string> = { earn: () => t("Benefit given"), expiry: () => t("Benefit ended") };

export function nameOf(entry: Entry): string {
  const benefit = entry.benefit_rial !== 0 ? OF_BENEFITS[entry.kind] : undefined;
  return (benefit ?? KINDS[entry.kind]?.[1] ?? (() => t("Entry")))();
}

/** What it moved: money, else a benefit, else credit. */
function movedBy(entry: Entry): number {
  return entry.money_rial || entry.benefit_rial || entry.credit_earned_rial - entry.credit_spent_rial;
}

export function Entries({ entries }: { entries: Entry[] }) {
  if (entries.length === 0) return <p class="empty">{t("Nothing here yet.")}</p>;
  return (
    <ul class="list">
      {entries.map((entry) => (
        <li key={entry.id}>
          <a href={`#/receipt/${entry.id.slice(0, 10)}/${entry.id.slice(11)}`}>
            <Icon name={KINDS[entry.kind]?.[0] ?? "receipt"} />
            <span class="grow">
              <b>
                <bdi>{entry.shop ?? nameOf(entry)}</bdi>
              </b>
              <small>
                {moment(new Date(entry.at))}
                {entry.is_reversed && ` · ${t("Reversed")}`}
              </small>
              {entry.saved_rial > 0 && <small class="good">{t("%(amount)s saved", { amount: money(entry.saved_rial) })}</small>}
            </span>
            <b class={movedBy(entry) > 0 ? "amount good" : "amount"}>
              <bdi>{money(movedBy(entry), true)}</bdi>
            </b>
          </a>
        </li>
      ))}
    </ul>
  );
}
