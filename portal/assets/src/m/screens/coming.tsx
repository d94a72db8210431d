// Before the journey: who comes and when, so that a desk has the card ready.
import { useState } from "preact/hooks";
import { ask } from "../api";
import { Form, useForm } from "../form";
import { Icon, Note, Screen } from "../parts";
import type { Answer } from "../shapes";
import { digits, latin, t, type Language } from "../words";
import { Languages, Passport } from "./sign_in";

export function Coming({ choose }: { choose: (one: Language) => void }) {
  const [told, setTold] = useState<Answer<"/coming", "post">>();
  const form = useForm(
    async (text) => {
      const born = text("born") || null;
      const [name, number, country] = [text("name"), latin(text("number")), text("country").toUpperCase()];
      setTold(await ask("/coming", { name, number, country, born, arrives_on: text("arrives_on") }));
    },
    () => false,
  );
  return (
    <Screen title={told ? t("We look forward to seeing you") : t("Before you come")}>
      {told ? (
        <section class="block pass" aria-label={t("Your code")}>
          <p class="figure">
            <bdi dir="ltr">{digits(told.code.replace(/(.{4})(?=.)/g, "$1 "))}</bdi>
          </p>
          <Note icon="circle-check">{t("Show this code, or your passport, at any desk of the network.")}</Note>
        </section>
      ) : (
        <Form form={form} say={t("I am coming")} icon="check">
          <p class="muted">{t("Tell us who comes and when. At the desk your card is ready in a minute, without a telephone or a bank.")}</p>
          <label>
            <span>{t("Name and family name")}</span>
            <input name="name" required autoComplete="name" dir="auto" maxLength={80} />
          </label>
          <Passport />
          <label>
            <span>{t("Day of birth")}</span>
            <input name="born" type="date" dir="ltr" autoComplete="bday" />
          </label>
          <label>
            <span>{t("Day of arrival")}</span>
            <input name="arrives_on" type="date" required dir="ltr" />
          </label>
          <p class="muted">{t("What you tell us is kept encrypted, only desks see it, and it is deleted a month after the day of arrival.")}</p>
        </Form>
      )}
      <a class="button quiet" href="#/">
        <Icon name="chevron-left" turns />
        {t("Sign in")}
      </a>
      <Languages choose={choose} />
    </Screen>
  );
}
