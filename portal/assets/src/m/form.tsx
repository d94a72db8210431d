// A form of who is not signed in: what is wrong stands above it, and nothing typed is lost.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { NoNetwork, Refusal } from "./api";
import { Fault, Icon } from "./parts";
import { t } from "./words";

/** What was sent: refusals that ask for more are `heard`, the others are shown above the form. */
export function useForm(act: (text: (name: string) => string) => Promise<void>, heard: (refusal: Refusal) => boolean) {
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

export function Form({ form, children, say, icon = "login" }: { form: ReturnType<typeof useForm>; children: ComponentChildren; say: string; icon?: string }) {
  return (
    <form class="block" onSubmit={form.submit}>
      <Fault says={form.fault} />
      {children}
      <button class="button" disabled={form.isBusy}>
        <Icon name={icon} turns={icon === "login"} />
        {say}
      </button>
    </form>
  );
}
