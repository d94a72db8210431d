import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { NoNetwork, Refusal, ask, signIn } from "../api";
import { Icon, Note, Screen } from "../parts";
import { LANGUAGES, language, latin, t, type Language } from "../words";

interface Way {
  enter: () => void;
}

export function SignIn({ choose, enter }: Way & { choose: (one: Language) => void }) {
  const [byPhone, setByPhone] = useState(true);
  return (
    <Screen title={t("Sign in")}>
      {byPhone ? <ByPhone enter={enter} /> : <ByPassword enter={enter} />}
      <button class="button quiet" onClick={() => setByPhone(!byPhone)}>
        {byPhone ? t("With user name and password") : t("With a code to my phone")}
      </button>
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

/** What was sent: refusals that ask for more are `heard`, the others are shown above the form. */
function useForm(act: (text: (name: string) => string) => Promise<void>, heard: (refusal: Refusal) => boolean) {
  const [fault, setFault] = useState("");
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    const typed = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    setFault("");
    try {
      await act((name) => String(typed.get(name) ?? "").trim());
    } catch (error) {
      if (!(error instanceof Refusal && heard(error)))
        setFault(error instanceof NoNetwork ? t("There is no network. Please try again when there is one.") : (error as Error).message);
    } finally {
      setBusy(false);
    }
  };
  return { fault, isBusy, submit };
}

function Form({ form, children, say }: { form: ReturnType<typeof useForm>; children: ComponentChildren; say: string }) {
  return (
    <form class="block" onSubmit={form.submit}>
      {form.fault && (
        <Note icon="alert-triangle" kind="fault">
          {form.fault}
        </Note>
      )}
      {children}
      <button class="button" disabled={form.isBusy}>
        <Icon name="login" turns />
        {say}
      </button>
    </form>
  );
}

interface Person {
  person: number;
  names: Record<string, string>;
}

function ByPhone({ enter }: Way) {
  const [mobile, setMobile] = useState("");
  const [token, setToken] = useState("");
  const [people, setPeople] = useState<Person[]>([]);
  const [needsCode, setNeedsCode] = useState(false);
  const first = useForm(
    async (text) => {
      const asked = await ask("/session/phone", { mobile: latin(text("mobile")) });
      setMobile(latin(text("mobile")));
      setToken(asked.token);
    },
    () => false,
  );
  const second = useForm(
    async (text) => {
      const person = text("person") ? Number(text("person")) : null;
      await signIn("/session/phone/code", { mobile, token, code: latin(text("code")), person, one_time_code: latin(text("one_time_code")) });
      enter();
    },
    (refusal) => {
      if (refusal.code === "person_to_choose") setPeople(refusal.facts["people"] as Person[]);
      if (refusal.code === "second_step_due") setNeedsCode(true);
      return refusal.code === "person_to_choose" || refusal.code === "second_step_due";
    },
  );
  if (!token)
    return (
      <Form key="mobile" form={first} say={t("Send me a code")}>
        <label>
          <span>{t("Mobile number")}</span>
          <input name="mobile" required inputMode="tel" autoComplete="tel" dir="ltr" maxLength={20} />
        </label>
      </Form>
    );
  return (
    <>
      <Form key="code" form={second} say={t("Sign in")}>
        <label>
          <span>{t("The code of the message")}</span>
          <input name="code" required inputMode="numeric" autoComplete="one-time-code" dir="ltr" maxLength={10} autoFocus />
        </label>
        {people.length > 0 && (
          <fieldset>
            <legend>{t("Several people share this number. Who are you?")}</legend>
            {people.map((one) => (
              <label key={one.person} class="pick">
                <input type="radio" name="person" value={one.person} required />
                <bdi>{one.names[language()] ?? Object.values(one.names)[0]}</bdi>
              </label>
            ))}
          </fieldset>
        )}
        {needsCode && <OneTimeCode name="one_time_code" />}
      </Form>
      <button class="button quiet" onClick={() => setToken("")}>
        {t("Another number, or a new code")}
      </button>
    </>
  );
}

function ByPassword({ enter }: Way) {
  const [needsCode, setNeedsCode] = useState(false);
  const form = useForm(
    async (text) => {
      await signIn("/session", { name: text("name"), password: text("password"), code: latin(text("code")) });
      enter();
    },
    (refusal) => {
      if (refusal.code === "second_step_due") setNeedsCode(true);
      return refusal.code === "second_step_due";
    },
  );
  return (
    <Form form={form} say={t("Sign in")}>
      <label>
        <span>{t("User name")}</span>
        <input name="name" required autoComplete="username" autoCapitalize="none" dir="ltr" maxLength={80} />
      </label>
      <label>
        <span>{t("Password")}</span>
        <input name="password" type="password" required autoComplete="current-password" dir="ltr" maxLength={200} />
      </label>
      {needsCode && <OneTimeCode name="code" />}
    </Form>
  );
}

function OneTimeCode({ name }: { name: string }) {
  return (
    <label>
      <span>{t("One-time code")}</span>
      <input name={name} required inputMode="numeric" autoComplete="one-time-code" dir="ltr" maxLength={20} autoFocus />
    </label>
  );
}
