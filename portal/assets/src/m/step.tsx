// What somebody does on a screen: done now or not at all, or left in the outbox where there is no network.
import { useRef, useState } from "preact/hooks";
import { NoNetwork } from "./api";
import { Fault, Note } from "./parts";
import { t } from "./words";

/** One thing that is done now: the key stays the same until it is done or refused, so that it is done once. */
export function useStep() {
  const key = useRef(crypto.randomUUID());
  const [fault, setFault] = useState("");
  const [isBusy, setBusy] = useState(false);
  const take = async <T,>(what: (key: string) => Promise<T>): Promise<T | undefined> => {
    setBusy(true);
    setFault("");
    try {
      const done = await what(key.current);
      key.current = crypto.randomUUID();
      return done;
    } catch (error) {
      if (error instanceof NoNetwork) setFault(t("There is no network. Please try again when there is one."));
      else {
        key.current = crypto.randomUUID();
        setFault((error as Error).message);
      }
      return undefined;
    } finally {
      setBusy(false);
    }
  };
  return { take, isBusy, Fault: () => <Fault says={fault} /> };
}

/** What may wait for a network; pressed twice it is done once. The work says whether it is done already, `take` whether it was taken in. */
export function useLater() {
  const isUnderWay = useRef(false);
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState("");
  const [waits, setWaits] = useState(false);
  const take = async (work: () => Promise<boolean>): Promise<boolean> => {
    if (isUnderWay.current) return false;
    isUnderWay.current = true;
    setBusy(true);
    setFault("");
    try {
      setWaits(!(await work()));
      return true;
    } catch (error) {
      setFault((error as Error).message);
      return false;
    } finally {
      isUnderWay.current = false;
      setBusy(false);
    }
  };
  const Told = () => (
    <>
      <Fault says={fault} />
      {waits && !fault && <Note icon="wifi-off">{t("It waits for the network and is sent by itself.")}</Note>}
    </>
  );
  return { take, isBusy, waits, Told };
}
