// Who may write to the holder: let in and ended one organisation at a time.
import { act } from "../api";
import { Icon, Screen, Shown, useRead } from "../parts";
import type { Answer } from "../shapes";
import { useStep } from "../step";
import { t } from "../words";

type Sender = Answer<"/me/senders">["senders"][number];

export function Senders() {
  const senders = useRead("/me/senders");
  return (
    <Screen title={t("Who may write to me")}>
      <p>{t("Shops where you have bought and organisations you belong to. Nobody writes to you unless you let them.")}</p>
      <Shown reading={senders}>
        {({ senders: known }) => (
          <section class="block" aria-label={t("Who may write to me")}>
            {known.length === 0 && <p class="empty">{t("When you have bought somewhere, the shop stands here.")}</p>}
            {known.map((one) => (
              <One key={one.organisation} sender={one} />
            ))}
          </section>
        )}
      </Shown>
    </Screen>
  );
}

function One({ sender }: { sender: Sender }) {
  const step = useStep();
  const values = { sender_id: sender.organisation };
  const choose = (key: string) =>
    sender.since ? act("delete", "/me/senders/{sender_id}", key, { values }) : act("put", "/me/senders/{sender_id}", key, { values });
  return (
    <div class="choice">
      <p>
        <b>
          <bdi>{sender.name}</bdi>
        </b>
      </p>
      <step.Fault />
      <button class="button quiet" disabled={step.isBusy} onClick={() => step.take(choose)}>
        <Icon name={sender.since ? "ban" : "check"} />
        {sender.since ? t("No more") : t("Let them write")}
      </button>
    </div>
  );
}
