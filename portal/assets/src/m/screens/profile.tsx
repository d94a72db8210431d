// The own record: a paper is claimed here and confirmed at a desk, a mobile number changes at once by a code.
import { useState } from "preact/hooks";
import { act, write } from "../api";
import { Choice, Fact, Icon, Note, Screen, Shown, useRead } from "../parts";
import type { Answer } from "../shapes";
import { useLater, useStep } from "../step";
import { LANGUAGES, day, digits, latin, moment, t, type Language } from "../words";

type Profile = Answer<"/me">;
type Claim = Answer<"/me/claims">["claims"][number];
type Kind = "passport" | "national_id" | "foreign_code" | "names" | "birth_date";

const KINDS: Record<Kind, () => string> = {
  passport: () => t("Passport"),
  national_id: () => t("Iranian national id"),
  foreign_code: () => t("Universal code of foreigners"),
  names: () => t("How my name is written"),
  birth_date: () => t("Day of birth"),
};

const STATES: Record<string, [string, () => string]> = {
  asked: ["hourglass", () => t("Show it at a desk")],
  confirmed: ["circle-check", () => t("Confirmed")],
  refused: ["ban", () => t("Refused")],
  withdrawn: ["arrow-back-up", () => t("Taken back")],
};

const CODES = Object.keys(LANGUAGES) as Language[];

export function OwnProfile() {
  const profile = useRead("/me");
  const claims = useRead("/me/claims");
  return (
    <Screen title={t("My record")}>
      <Shown reading={profile}>
        {(told) => (
          <>
            <section class="block" aria-labelledby="record">
              <h2 id="record">{t("What is on record")}</h2>
              <dl class="facts">
                {CODES.filter((code) => told.names[code]).map((code) => (
                  <Fact key={code} name={LANGUAGES[code]} value={told.names[code]!} />
                ))}
                <Fact name={t("Day of birth")} value={told.birth_date ? day(new Date(told.birth_date)) : "—"} />
                <Fact name={t("Mobile number")} value={told.mobile_ends_with ? `…${digits(told.mobile_ends_with)}` : "—"} />
                {told.documents.map((one) => (
                  <Fact key={one.document} name={KINDS[one.kind as Kind]()} value={documentOf(one)} />
                ))}
              </dl>
            </section>
            <Shown reading={claims}>{({ claims: known }) => <Claims known={known} />}</Shown>
            <NewClaim profile={told} />
            <Mobile again={profile.again} />
          </>
        )}
      </Shown>
    </Screen>
  );
}

function documentOf(one: { kind: string; country: string | null; ends_with: string | null; expires_on: string | null }): string {
  const country = one.kind === "passport" ? `${one.country} ` : "";
  const until = one.expires_on ? ` · ${t("until %(day)s", { day: day(new Date(one.expires_on)) })}` : "";
  return `\u2066${country}…${digits(one.ends_with ?? "")}\u2069${until}`;
}

function Claims({ known }: { known: Claim[] }) {
  const later = useLater();
  if (known.length === 0) return null;
  const takeBack = (one: Claim) => later.take(() => write("post", "/me/claims/{claim_id}/withdraw", t("Take back"), { values: { claim_id: one.claim } }));
  return (
    <section class="block" aria-labelledby="claims">
      <h2 id="claims">{t("What you said of your papers")}</h2>
      <later.Told />
      {known.map((one) => (
        <div key={one.claim}>
          <Note icon={STATES[one.state]![0]} kind={one.state === "confirmed" ? "done" : ""}>
            <b>{KINDS[one.kind as Kind]()}</b> · {STATES[one.state]![1]()} · {moment(new Date(one.asked_at))}
            {one.ends_with && (
              <>
                <br />
                <bdi>{documentOf(one)}</bdi>
              </>
            )}
            {one.born && !one.ends_with && (
              <>
                <br />
                {day(new Date(one.born))}
              </>
            )}
            {Object.values(one.names).map((name) => (
              <>
                <br />
                <bdi>{name}</bdi>
              </>
            ))}
            {one.why && (
              <>
                <br />
                {t("Why not:")} <bdi>{one.why}</bdi>
              </>
            )}
          </Note>
          {one.state === "asked" && (
            <button class="button quiet" aria-label={t("Take back: %(what)s", { what: KINDS[one.kind as Kind]() })} disabled={later.isBusy} onClick={() => takeBack(one)}>
              <Icon name="x" />
              {t("Take back")}
            </button>
          )}
        </div>
      ))}
    </section>
  );
}

function NewClaim({ profile }: { profile: Profile }) {
  const [kind, setKind] = useState<Kind>("passport");
  const later = useLater();
  const [isNoted, setNoted] = useState(false);
  const passports = profile.documents.filter((one) => one.kind === "passport");
  const submit = async (event: Event) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const typed = new FormData(form);
    const text = (name: string) => String(typed.get(name) ?? "").trim();
    const names = Object.fromEntries(CODES.map((code) => [code, text(`name_${code}`)])) as Record<Language, string>;
    const replaces = Number(text("replaces")) || null;
    const body = { kind, number: latin(text("number")), country: text("country").toUpperCase(), expires_on: text("expires_on") || null, replaces, names, born: text("born") || null };
    setNoted(false);
    if (!(await later.take(() => write("post", "/me/claims", KINDS[kind](), { body })))) return;
    setNoted(true);
    form.reset();
  };
  return (
    <form class="block" aria-labelledby="new-claim" onSubmit={submit}>
      <h2 id="new-claim">{t("Something is new or wrong")}</h2>
      <p class="muted">{t("Say what the paper says, then show it at any desk.")}</p>
      <later.Told />
      {isNoted && !later.waits && <Note icon="circle-check">{t("Noted. Show the paper at any desk of the network; then it stands here.")}</Note>}
      <Choice label={t("What it is about")} is={kind} of={(Object.keys(KINDS) as Kind[]).map((one) => [one, KINDS[one]()] as const)} choose={(one) => setKind(one as Kind)} />
      {kind === "names" &&
        CODES.map((code) => (
          <label key={code}>
            {LANGUAGES[code]}
            <input name={`name_${code}`} lang={code} dir={code === "en" ? "ltr" : "rtl"} maxLength={80} defaultValue={profile.names[code] ?? ""} />
          </label>
        ))}
      {kind === "birth_date" && (
        <label>
          {t("Day of birth")}
          <input name="born" type="date" dir="ltr" required autoComplete="bday" />
        </label>
      )}
      {kind !== "names" && kind !== "birth_date" && (
        <label>
          {kind === "passport" ? t("Passport number") : t("Number")}
          <input name="number" dir="ltr" required maxLength={200} autoComplete="off" />
        </label>
      )}
      {kind === "passport" && (
        <>
          <p class="muted">{t("Or the two printed lines at the foot of its page; then the next two fields may stay empty")}</p>
          <label>
            {t("Country of the passport")}
            <input name="country" dir="ltr" maxLength={3} placeholder="IRQ" autoComplete="off" />
          </label>
          <label>
            {t("Its last day")}
            <input name="expires_on" type="date" dir="ltr" />
          </label>
          {passports.length > 0 && (
            <label>
              {t("It takes the place of")}
              <select name="replaces">
                {passports.map((one) => (
                  <option key={one.document} value={one.document}>
                    {documentOf(one)}
                  </option>
                ))}
                <option value="">{t("None: I have both")}</option>
              </select>
            </label>
          )}
        </>
      )}
      <button class="button" disabled={later.isBusy}>
        <Icon name="check" />
        {t("I show it at a desk")}
      </button>
    </form>
  );
}

/** A code lives five minutes, so that this waits for no network. */
function Mobile({ again }: { again: () => void }) {
  const step = useStep();
  const [asked, setAsked] = useState<{ mobile: string; token: string }>();
  const [isDone, setDone] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const text = (name: string) => latin(String(new FormData(form).get(name) ?? "").trim());
    setDone(false);
    if (asked) {
      const done = await step.take((key) => act("put", "/me/mobile", key, { body: { ...asked, code: text("code") } }).then(() => true));
      if (!done) return;
      setAsked(undefined);
      setDone(true);
      again();
    } else {
      const mobile = text("mobile");
      const told = await step.take((key) => act("post", "/me/mobile", key, { body: { mobile } }));
      if (told) setAsked({ mobile, token: told.token });
    }
  };
  return (
    <form class="block" aria-labelledby="another-number" onSubmit={submit}>
      <h2 id="another-number">{t("Another mobile number")}</h2>
      <p class="muted">{asked ? t("It was sent to %(number)s", { number: digits(asked.mobile) }) : t("A code goes to it, and it is yours at once.")}</p>
      <step.Fault />
      {isDone && <Note icon="circle-check">{t("The new mobile number is yours now.")}</Note>}
      {asked ? (
        <label key="code">
          {t("The code of the message")}
          <input name="code" dir="ltr" inputMode="numeric" autoComplete="one-time-code" required />
        </label>
      ) : (
        <label key="mobile">
          {t("Mobile number")}
          <input name="mobile" dir="ltr" inputMode="tel" autoComplete="tel" required />
        </label>
      )}
      <button class="button" disabled={step.isBusy}>{asked ? t("This is my number") : t("Send me a code")}</button>
      {asked && (
        <button class="button quiet" type="button" onClick={() => setAsked(undefined)}>
          {t("Another number")}
        </button>
      )}
    </form>
  );
}
