// The holder's e-mail address: given, confirmed by the code that comes there, chosen for letters, removed.
import { useState } from "preact/hooks";
import { act } from "../api";
import { Icon, Note, Screen, Shown, useRead } from "../parts";
import type { Answer } from "../shapes";
import { useStep } from "../step";
import { t } from "../words";

type Own = Answer<"/me/email">;

export function Email() {
  const own = useRead("/me/email");
  return (
    <Screen title={t("My e-mail")}>
      <p>{t("Letters that you allow, and news of your card, can come by e-mail. We write only to an address that you have confirmed.")}</p>
      <Shown reading={own}>{(known) => <Kept known={known} />}</Shown>
    </Screen>
  );
}

function Kept({ known }: { known: Own }) {
  const [own, setOwn] = useState(known);
  const step = useStep();
  const take = async (what: (key: string) => Promise<Own>) => {
    const done = await step.take(what);
    if (done) setOwn(done);
    return done;
  };
  const ask = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const email = String(new FormData(form).get("email") ?? "");
    if (await take((key) => act("put", "/me/email", key, { body: { email } }))) form.reset();
  };
  const confirm = (event: SubmitEvent) => {
    event.preventDefault();
    const code = String(new FormData(event.currentTarget as HTMLFormElement).get("code") ?? "");
    void take((key) => act("post", "/me/email/confirmation", key, { body: { code } }));
  };
  return (
    <>
      <step.Fault />
      {own.email && (
        <p>
          {t("Yours")}: <bdi dir="ltr">{own.email}</bdi>
        </p>
      )}
      {own.waits_for && (
        <form class="block" onSubmit={confirm}>
          <Note icon="mail">{t("A code is on its way to %(email)s. It holds for half an hour.", { email: own.waits_for })}</Note>
          <label>
            <span>{t("Code")}</span>
            <input name="code" inputMode="numeric" autoComplete="one-time-code" dir="ltr" maxLength={20} required />
          </label>
          <button class="button" disabled={step.isBusy}>
            <Icon name="check" />
            {t("Confirm")}
          </button>
        </form>
      )}
      {own.is_open ? (
        <form class="block" onSubmit={ask}>
          <label>
            <span>{own.email || own.waits_for ? t("Another address") : t("E-mail address")}</span>
            <input name="email" type="email" autoComplete="email" dir="ltr" maxLength={120} required />
            <small class="muted">{t("It is yours once you type the six digits that come there.")}</small>
          </label>
          <button class={own.email || own.waits_for ? "button quiet" : "button"} disabled={step.isBusy}>
            <Icon name="mail" />
            {t("Send me a code")}
          </button>
        </form>
      ) : (
        !own.email && <p class="empty">{t("This platform sends no e-mail for now. What is for you comes to your mobile.")}</p>
      )}
      {own.email && <Choices own={own} isBusy={step.isBusy} take={take} />}
      {(own.email || own.waits_for) && (
        <button class="button quiet" disabled={step.isBusy} onClick={() => void take((key) => act("delete", "/me/email", key))}>
          <Icon name="x" />
          {t("Remove the address")}
        </button>
      )}
    </>
  );
}

function Choices({ own, isBusy, take }: { own: Own; isBusy: boolean; take: (what: (key: string) => Promise<Own>) => Promise<Own | undefined> }) {
  const by: { code: Own["letters_by"]; icon: string; says: string }[] = [
    { code: "sms", icon: "device-mobile", says: t("SMS") },
    { code: "email", icon: "mail", says: t("E-mail") },
  ];
  return (
    <section class="block" aria-labelledby="letters-by">
      <h2 id="letters-by">{t("Letters come by")}</h2>
      <div class="choice">
        {by.map((one) => (
          <button
            key={one.code}
            class="button quiet"
            aria-pressed={own.letters_by === one.code}
            disabled={isBusy}
            onClick={() => void take((key) => act("put", "/me/letters-by", key, { body: { letters_by: one.code } }))}
          >
            <Icon name={one.icon} />
            {one.says}
          </button>
        ))}
      </div>
      <p>{own.refuses_offers ? t("No offers come to your address.") : t("Only from senders that you let write to you.")}</p>
      <button class="button quiet" disabled={isBusy} onClick={() => void take((key) => act("put", "/me/email/offers", key, { body: { wanted: own.refuses_offers } }))}>
        <Icon name={own.refuses_offers ? "check" : "ban"} />
        {own.refuses_offers ? t("Send me offers again") : t("No more offers")}
      </button>
    </section>
  );
}
