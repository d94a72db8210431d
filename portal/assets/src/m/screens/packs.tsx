// The places of a city on the phone: what there is and how large it is, what is kept, and what is newer.
import { useState } from "preact/hooks";
import { CityChoice, useCities } from "../cities";
import { Icon, Note, Screen, Shown, useRead } from "../parts";
import { fetchPack, nameOfPack, removePack, useHeldPacks, type Offered } from "../packs";
import type { HeldPack } from "../store";
import { useStep } from "../step";
import { lastCity } from "../where";
import { day, number, t } from "../words";

export function Packs({ asked }: { asked: URLSearchParams }) {
  const [city, setCity] = useState(asked.get("city") ?? lastCity());
  const cities = useCities();
  const offered = useRead("/places/packs", { query: { city } });
  const held = useHeldPacks() ?? [];
  const elsewhere = held.filter((one) => one.city !== city);
  return (
    <Screen title={t("Places without a network")}>
      <p class="muted">{t("A kept city is searched on the phone: names, what is open, prayer times. It costs no data until you renew it.")}</p>
      <CityChoice cities={cities} is={city} choose={setCity} />
      <Shown reading={offered}>
        {({ packs }) =>
          packs.length === 0 ? (
            <p class="empty">{t("Nothing here yet.")}</p>
          ) : (
            packs.map((one) => {
              const name = nameOfPack(city, one.zone);
              return <OnePack key={name} city={city} offered={one} held={held.find((kept) => kept.name === name)} />;
            })
          )
        }
      </Shown>
      {elsewhere.map((one) => (
        <OnePack key={one.name} city={one.city} held={one} />
      ))}
    </Screen>
  );
}

function sizeOf(bytes: number): string {
  const kilobytes = Math.max(1, Math.round(bytes / 1024));
  if (kilobytes < 1024) return t("%(size)s kB", { size: number(kilobytes) });
  return t("%(size)s MB", { size: number(Math.round(kilobytes / 102.4) / 10) });
}

function OnePack({ city, offered, held }: { city: string; offered?: Offered; held?: HeldPack | undefined }) {
  const step = useStep();
  const shown = offered ?? held!;
  const title = offered?.name ?? held!.title;
  const isNewer = offered && held && offered.version !== held.version;
  const fetch = () => step.take(() => fetchPack(city, offered!));
  return (
    <section class="block" aria-label={title}>
      <h2>
        <bdi>{title}</bdi>
      </h2>
      <p class="muted">
        {t("%(places)s places, %(size)s", { places: number(shown.places), size: sizeOf(shown.bytes) })}
        {held && ` · ${t("kept on %(day)s", { day: day(new Date(held.at)) })}`}
      </p>
      <step.Fault />
      {step.isBusy && <Note icon="download">{t("It is being fetched. Please keep the app open.")}</Note>}
      {!held && offered && (
        <button class="button" disabled={step.isBusy} onClick={fetch}>
          <Icon name="download" />
          {t("Keep it on the phone")}
        </button>
      )}
      {isNewer && (
        <button class="button" disabled={step.isBusy} onClick={fetch}>
          <Icon name="refresh" />
          {t("Fetch the newer one")}
        </button>
      )}
      {held && !isNewer && <Note icon="circle-check">{t("Ready for use without a network.")}</Note>}
      {held && (
        <button class="button quiet" disabled={step.isBusy} onClick={() => step.take(() => removePack(held.name))}>
          <Icon name="x" />
          {t("Take it off the phone")}
        </button>
      )}
    </section>
  );
}
