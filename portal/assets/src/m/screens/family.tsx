// People who help each other, and the purses they let each other see.
import { useState } from "preact/hooks";
import { act } from "../api";
import { Icon, Screen, Shown, useRead } from "../parts";
import { useStep } from "../step";
import { Purse } from "./home";
import type { Answer } from "../shapes";
import { t } from "../words";

type Help = Answer<"/family">["helps"][number];

const MAY: Record<string, () => string> = { see: () => t("sees cards and purses"), hold: () => t("may stop cards"), guard: () => t("keeps the help card") };

export function Family() {
  const family = useRead("/family");
  return (
    <Screen title={t("Family")}>
      <Shown reading={family}>
        {({ helps }) => (
          <>
            <People title={t("People who help me")} helps={helps.filter((one) => !one.is_mine)} />
            <People title={t("People I help")} helps={helps.filter((one) => one.is_mine)} />
          </>
        )}
      </Shown>
      <Allow />
      <Begin />
    </Screen>
  );
}

function People({ title, helps }: { title: string; helps: Help[] }) {
  return (
    <section class="block" aria-label={title}>
      <h2>{title}</h2>
      {helps.length === 0 && <p class="empty">{t("Nobody yet.")}</p>}
      {helps.map((one) => (
        <Person key={one.help} help={one} />
      ))}
    </section>
  );
}

function Person({ help }: { help: Help }) {
  const step = useStep();
  return (
    <div class="choice">
      <p>
        <b>
          <bdi>{help.name}</bdi>
        </b>
        <br />
        <small>{help.may.map((one) => (MAY[one] ?? (() => one))()).join(" · ")}</small>
      </p>
      {help.is_mine && help.may.includes("see") && <Theirs person={help.person} />}
      {help.is_mine && help.may.includes("guard") && (
        <a class="button quiet" href={`#/help?person=${help.person}`}>
          <Icon name="lifebuoy" />
          {t("Help card")}
        </a>
      )}
      <step.Fault />
      <button class="button quiet" disabled={step.isBusy} onClick={() => step.take((key) => act("delete", "/family/{helping_id}", key, { values: { helping_id: help.help } }))}>
        {t("End this help")}
      </button>
    </div>
  );
}

function Theirs({ person }: { person: number }) {
  const wallets = useRead("/wallets", { query: { person: String(person) } });
  return <Shown reading={wallets}>{({ wallets: held }) => held.map((one) => <Purse key={one.wallet} wallet={one} />)}</Shown>;
}

function Allow() {
  const step = useStep();
  const [code, setCode] = useState("");
  const allow = async (may: ("see" | "hold" | "guard")[]) => {
    const made = await step.take((key) => act("post", "/family/codes", key, { body: { may } }));
    if (made) setCode(made.code);
  };
  return (
    <section class="block" aria-labelledby="allow">
      <h2 id="allow">{t("Let somebody help me")}</h2>
      <step.Fault />
      {code ? (
        <>
          <p class="figure">
            <bdi dir="ltr">{code}</bdi>
          </p>
          <p class="muted">{t("Give this code to who is to help. It works once, for a day.")}</p>
        </>
      ) : (
        <>
          <button class="button quiet" disabled={step.isBusy} onClick={() => allow(["see"])}>
            {t("To see only")}
          </button>
          <button class="button quiet" disabled={step.isBusy} onClick={() => allow(["see", "hold"])}>
            {t("To see, and to stop a lost card")}
          </button>
          <button class="button quiet" disabled={step.isBusy} onClick={() => allow(["guard"])}>
            {t("To keep my help card, and be told where I am")}
          </button>
        </>
      )}
    </section>
  );
}

function Begin() {
  const step = useStep();
  const submit = async (event: Event) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const code = String(new FormData(form).get("code") ?? "");
    if (await step.take((key) => act("post", "/family", key, { body: { code } }))) form.reset();
  };
  return (
    <form class="block" onSubmit={submit}>
      <h2>{t("Help somebody")}</h2>
      <step.Fault />
      <label>
        <span>{t("Code of the person")}</span>
        <input name="code" required dir="ltr" autoCapitalize="characters" autoComplete="off" maxLength={20} />
      </label>
      <button class="button" disabled={step.isBusy}>
        {t("Begin to help")}
      </button>
    </form>
  );
}
