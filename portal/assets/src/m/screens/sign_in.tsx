import { useState } from "preact/hooks";
import { NoNetwork, Refusal, signIn } from "../api";
import { Icon, Note, Screen } from "../parts";
import { LANGUAGES, language, latin, t, type Language } from "../words";

export function SignIn({ choose, enter }: { choose: (one: Language) => void; enter: () => void }) {
  return (
    <Screen title={t("Sign in")}>
      <ByPassword enter={enter} />
      <nav class="languages" aria-label={t("Language")}>
        {Object.entries(LANGUAGES).map(([code, name]) => (
          <button key={code} lang={code} aria-pressed={code === language()} onClick={() => choose(code as Language)}>
            {name}
          </button>
        ))}
      </nav>
    </Screen>
  );
}

function ByPassword({ enter }: { enter: () => void }) {
  const [fault, setFault] = useState("");
  const [needsCode, setNeedsCode] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    const typed = new FormData(event.currentTarget as HTMLFormElement);
    const text = (name: string) => String(typed.get(name) ?? "");
    setBusy(true);
    setFault("");
    try {
      await signIn("/session", { name: text("name"), password: text("password"), code: latin(text("code")) });
      enter();
    } catch (error) {
      if (error instanceof Refusal && error.code === "second_step_due") setNeedsCode(true);
      else setFault(error instanceof NoNetwork ? t("There is no network. Please try again when there is one.") : (error as Error).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form class="block" onSubmit={submit}>
      {fault && (
        <Note icon="alert-triangle" kind="fault">
          {fault}
        </Note>
      )}
      <label>
        <span>{t("User name")}</span>
        <input name="name" required autoComplete="username" autoCapitalize="none" dir="ltr" maxLength={80} />
      </label>
      <label>
        <span>{t("Password")}</span>
        <input name="password" type="password" required autoComplete="current-password" dir="ltr" maxLength={200} />
      </label>
      {needsCode && (
        <label>
          <span>{t("One-time code")}</span>
          <input name="code" required inputMode="numeric" autoComplete="one-time-code" dir="ltr" maxLength={20} autoFocus />
        </label>
      )}
      <button class="button" disabled={isBusy}>
        <Icon name="login" turns />
        {t("Sign in")}
      </button>
    </form>
  );
}
