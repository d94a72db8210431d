import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ask, signIn, type Door, type Refusal } from "../api";
import { Form, useForm } from "../form";
import { Icon, Screen } from "../parts";
import type { Body, Of } from "../shapes";
import { LANGUAGES, language, latin, t, type Language } from "../words";

interface Way {
  enter: () => void;
}

// Each way in with what its button says; whoever has no telephone finds theirs as easily.
const WAYS: { name: string; icon: string; says: () => string; Form: (way: Way) => JSX.Element }[] = [
  { name: "phone", icon: "device-mobile", says: () => t("With a code to my phone"), Form: ByPhone },
  { name: "card", icon: "credit-card", says: () => t("With my card and its PIN"), Form: ByCard },
  { name: "document", icon: "id", says: () => t("With my passport"), Form: ByDocument },
  { name: "password", icon: "lock", says: () => t("With user name and password"), Form: ByPassword },
];

export function SignIn({ choose, enter }: Way & { choose: (one: Language) => void }) {
  const [chosen, setChosen] = useState("phone");
  const { Form: Chosen } = WAYS.find((way) => way.name === chosen)!;
  return (
    <Screen title={t("Sign in")}>
      <Chosen key={chosen} enter={enter} />
      <section class="choice" aria-label={t("Other ways in")}>
        {WAYS.filter((way) => way.name !== chosen).map((way) => (
          <button key={way.name} class="button quiet" onClick={() => setChosen(way.name)}>
            <Icon name={way.icon} />
            {way.says()}
          </button>
        ))}
        <a class="button quiet" href="#/coming">
          <Icon name="plane" />
          {t("Before you come")}
        </a>
      </section>
      <Languages choose={choose} />
    </Screen>
  );
}

export function Languages({ choose }: { choose: (one: Language) => void }) {
  return (
    <nav class="languages" aria-label={t("Language")}>
      {Object.entries(LANGUAGES).map(([code, name]) => (
        <button key={code} lang={code} aria-pressed={code === language()} onClick={() => choose(code as Language)}>
          {name}
        </button>
      ))}
    </nav>
  );
}

/** A way in; whoever has an authenticator is asked for its code once the rest is right. */
function useWayIn<P extends Door>(path: P, enter: () => void, typed: (text: (name: string) => string) => Body<Of<P, "post">>, heard: (refusal: Refusal) => boolean = () => false) {
  const [needsCode, setNeedsCode] = useState(false);
  const form = useForm(
    async (text) => {
      await signIn(path, typed(text));
      enter();
    },
    (refusal) => {
      if (refusal.code === "second_step_due") setNeedsCode(true);
      return refusal.code === "second_step_due" || heard(refusal);
    },
  );
  return { form, code: needsCode && <OneTimeCode /> };
}

interface Person {
  person: number;
  names: Record<string, string>;
}

function ByPhone({ enter }: Way) {
  const [mobile, setMobile] = useState("");
  const [token, setToken] = useState("");
  const [people, setPeople] = useState<Person[]>([]);
  const first = useForm(
    async (text) => {
      const asked = await ask("/session/phone", { mobile: latin(text("mobile")) });
      setMobile(latin(text("mobile")));
      setToken(asked.token);
    },
    () => false,
  );
  const second = useWayIn(
    "/session/phone/code",
    enter,
    (text) => ({ mobile, token, code: latin(text("code")), person: Number(text("person")) || null, one_time_code: latin(text("one_time_code")) }),
    (refusal) => {
      if (refusal.code === "person_to_choose") setPeople(refusal.facts["people"] as Person[]);
      return refusal.code === "person_to_choose";
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
      <Form key="code" form={second.form} say={t("Sign in")}>
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
        {second.code}
      </Form>
      <button class="button quiet" onClick={() => setToken("")}>
        {t("Another number, or a new code")}
      </button>
    </>
  );
}

function ByPassword({ enter }: Way) {
  const { form, code } = useWayIn("/session", enter, (text) => ({ name: text("name"), password: text("password"), code: latin(text("one_time_code")) }));
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
      {code}
    </Form>
  );
}

function ByCard({ enter }: Way) {
  const { form, code } = useWayIn("/session/card", enter, (text) => ({
    number: latin(text("number")),
    pin: latin(text("pin")),
    one_time_code: latin(text("one_time_code")),
  }));
  return (
    <Form form={form} say={t("Sign in")}>
      <p class="muted">{t("The PIN is the one that you chose at a desk.")}</p>
      <label>
        <span>{t("Card number")}</span>
        <input name="number" required inputMode="numeric" autoComplete="off" dir="ltr" maxLength={30} />
      </label>
      <label>
        <span>{t("PIN")}</span>
        <input name="pin" type="password" required inputMode="numeric" autoComplete="off" dir="ltr" maxLength={12} />
      </label>
      {code}
    </Form>
  );
}

/** For who has no telephone: a desk gives the code. */
function ByDocument({ enter }: Way) {
  const { form, code } = useWayIn("/session/document", enter, (text) => ({
    number: latin(text("number")),
    country: text("country").toUpperCase(),
    born: text("born"),
    code: latin(text("code")),
    one_time_code: latin(text("one_time_code")),
  }));
  return (
    <Form form={form} say={t("Sign in")}>
      <p class="muted">{t("Any desk of the network gives you the code. No telephone is needed.")}</p>
      <Passport />
      <label>
        <span>{t("Day of birth")}</span>
        <input name="born" type="date" required dir="ltr" autoComplete="bday" />
      </label>
      <label>
        <span>{t("Code of the desk")}</span>
        <input name="code" required inputMode="numeric" autoComplete="one-time-code" dir="ltr" maxLength={12} />
      </label>
      {code}
    </Form>
  );
}

export function Passport() {
  return (
    <>
      <label>
        <span>{t("Passport number")}</span>
        <input name="number" required dir="ltr" autoCapitalize="characters" autoComplete="off" maxLength={100} />
      </label>
      <label>
        <span>{t("Country of the passport")}</span>
        <input name="country" dir="ltr" autoCapitalize="characters" autoComplete="off" maxLength={3} aria-describedby="country-hint" />
        <small id="country-hint">{t("Three letters, such as IRQ, PAK or LBN")}</small>
      </label>
    </>
  );
}

function OneTimeCode() {
  return (
    <label>
      <span>{t("One-time code")}</span>
      <input name="one_time_code" required inputMode="numeric" autoComplete="one-time-code" dir="ltr" maxLength={20} autoFocus />
    </label>
  );
}
