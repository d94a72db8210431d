// What is kept of somebody: taken along as a file, or forgotten for good.
import { useState } from "preact/hooks";
import { act, fresh, putAwayAll } from "../api";
import { Icon, Note, Screen } from "../parts";
import { useStep } from "../step";
import { t } from "../words";

/** The export is a file of the phone; leaving asks once more and then empties the phone as signing out does. */
export function OwnData() {
  const step = useStep();
  const [isTaken, setTaken] = useState(false);
  const [isAsked, setAsked] = useState(false);
  const take = async () => {
    const data = await step.take(() => fresh("/me/export"));
    if (!data) return;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(data, null, 2)], { type: "application/json" }));
    link.download = "pilgrim-card.json";
    link.click();
    URL.revokeObjectURL(link.href);
    setTaken(true);
  };
  const leave = async () => {
    const done = await step.take(async (key) => {
      await act("post", "/me/erasure", key, { body: { confirm: "erase me" } });
      return true;
    });
    if (done) await putAwayAll();
  };
  return (
    <Screen title={t("My data")}>
      <step.Fault />
      {isTaken && <Note icon="circle-check">{t("Your data is on your phone now.")}</Note>}
      <button class="button quiet" disabled={step.isBusy} onClick={take}>
        <Icon name="download" />
        {t("Download my data")}
      </button>
      {!isAsked && (
        <button class="button quiet" onClick={() => setAsked(true)}>
          {t("Close my account for good")}
        </button>
      )}
      {isAsked && (
        <>
          <p>{t("Your name, numbers and documents are forgotten, and your cards are closed. This cannot be undone.")}</p>
          <button class="button danger" disabled={step.isBusy} onClick={leave}>
            {t("Yes, delete my data")}
          </button>
          <button class="button quiet" onClick={() => setAsked(false)}>
            {t("Leave it as it is")}
          </button>
        </>
      )}
    </Screen>
  );
}
