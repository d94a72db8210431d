// The family's purse: who is in it, what each may spend and has spent; the head changes it, the others see their own line.
import { useState } from "preact/hooks";
import { act } from "../api";
import { Icon, Note, Screen, Shown, useRead } from "../parts";
import type { Answer } from "../shapes";
import { useStep } from "../step";
import { money, t, typedAmount } from "../words";

type Purse = Answer<"/family-card">;
type Member = Purse["members"][number];

export function FamilyCard() {
  const family = useRead("/family-card");
  return (
    <Screen title={t("Family's purse")}>
      {family.code === "family_not_found" ? <None again={family.again} /> : <Shown reading={family}>{(purse) => <Known purse={purse} />}</Shown>}
    </Screen>
  );
}

function None({ again }: { again: () => void }) {
  const step = useStep();
  const join = async (event: Event) => {
    event.preventDefault();
    const code = String(new FormData(event.currentTarget as HTMLFormElement).get("code") ?? "");
    if (await step.take((key) => act("post", "/family-card/joining", key, { body: { code } }))) again();
  };
  const open = async () => {
    if (await step.take((key) => act("post", "/family-card", key))) again();
  };
  return (
    <>
      <p class="muted">{t("One purse for the whole family: each has a card, and the head says how much each may spend.")}</p>
      <step.Fault />
      <button class="button" disabled={step.isBusy} onClick={open}>
        <Icon name="users-group" />
        {t("Open a family")}
      </button>
      <form class="block" onSubmit={join}>
        <h2>{t("Join a family")}</h2>
        <label>
          <span>{t("Code of the head")}</span>
          <input name="code" required dir="ltr" autoCapitalize="characters" autoComplete="off" maxLength={20} />
        </label>
        <button class="button quiet" disabled={step.isBusy}>
          {t("Join")}
        </button>
      </form>
    </>
  );
}

function Known({ purse }: { purse: Purse }) {
  return (
    <>
      <p class="figure">{money(purse.money_rial)}</p>
      {purse.members.map((one) => (
        <One key={one.member} one={one} purse={purse} />
      ))}
      {purse.is_head && <Bring />}
    </>
  );
}

function One({ one, purse }: { one: Member; purse: Purse }) {
  const step = useStep();
  const isOwn = one.member === purse.member;
  const remove = () => confirm(t("End this card of the family? The money stays in the purse.")) && void step.take((key) => act("delete", "/family-card/members/{family_member_id}", key, { values: { family_member_id: one.member } }));
  return (
    <section class="block">
      <h2>
        <bdi>{one.name}</bdi>
      </h2>
      <p>
        {t("Spent today")}: {money(one.spent_day_rial)}
        {one.limits.day_rial ? ` / ${money(one.limits.day_rial)}` : ""}
        <br />
        {t("Spent this month")}: {money(one.spent_month_rial)}
        {one.limits.month_rial ? ` / ${money(one.limits.month_rial)}` : ""}
      </p>
      <step.Fault />
      {purse.is_head && !one.is_head && <Limits one={one} />}
      {!purse.is_head && isOwn && (
        <button class="button quiet" disabled={step.isBusy} onClick={() => step.take((key) => act("put", "/family-card/shows", key, { body: { shows: !one.shows } }))}>
          {one.shows ? t("Keep my purchases to myself") : t("Show my purchases to the head")}
        </button>
      )}
      {!one.is_head && (purse.is_head || isOwn) && (
        <button class="button quiet" disabled={step.isBusy} onClick={remove}>
          {purse.is_head ? t("Remove from the family") : t("Leave the family")}
        </button>
      )}
    </section>
  );
}

function Limits({ one }: { one: Member }) {
  const step = useStep();
  const submit = (event: Event) => {
    event.preventDefault();
    const typed = new FormData(event.currentTarget as HTMLFormElement);
    const amount = (name: string) => typedAmount(typed.get(name)) || null;
    const body = { day_rial: amount("day"), month_rial: amount("month"), kinds: one.limits.kinds };
    void step.take((key) => act("put", "/family-card/members/{family_member_id}/limits", key, { values: { family_member_id: one.member }, body }));
  };
  return (
    <form class="choice" onSubmit={submit}>
      <step.Fault />
      <label>
        <span>{t("In a day, in Rial")}</span>
        <input name="day" inputMode="numeric" dir="ltr" autoComplete="off" defaultValue={String(one.limits.day_rial ?? "")} />
      </label>
      <label>
        <span>{t("In a month, in Rial")}</span>
        <input name="month" inputMode="numeric" dir="ltr" autoComplete="off" defaultValue={String(one.limits.month_rial ?? "")} />
      </label>
      <button class="button quiet" disabled={step.isBusy}>
        {t("Save the limits")}
      </button>
    </form>
  );
}

function Bring() {
  const step = useStep();
  const [code, setCode] = useState("");
  const make = async () => {
    const made = await step.take((key) => act("post", "/family-card/codes", key));
    if (made) setCode(made.code);
  };
  const add = async (event: Event) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const name = String(new FormData(form).get("name") ?? "");
    if (await step.take((key) => act("post", "/family-card/children", key, { body: { name } }))) form.reset();
  };
  return (
    <form class="block" onSubmit={add}>
      <step.Fault />
      {code ? (
        <Note icon="users-group">
          <bdi dir="ltr">{code}</bdi> {t("Give this code to one person, within a day. It is not shown again.")}
        </Note>
      ) : (
        <button class="button quiet" type="button" disabled={step.isBusy} onClick={make}>
          {t("Make a code")}
        </button>
      )}
      <label>
        <span>{t("The child's name")}</span>
        <input name="name" required dir="auto" autoComplete="off" maxLength={40} />
      </label>
      <button class="button quiet" disabled={step.isBusy}>
        {t("Add the child")}
      </button>
    </form>
  );
}
