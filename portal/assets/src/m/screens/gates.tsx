// The way into the shrine: its gates with how crowded they are, the nearest first for who says where the phone is.
import { useState } from "preact/hooks";
import { rightNow } from "../clock";
import { search } from "../pack";
import { useOpenedPacks } from "../packs";
import { Icon, Note, Shown, useRead } from "../parts";
import { PlaceList } from "../places";
import type { Whence } from "../shapes";
import { lastCity, nearestTo, useWhere } from "../where";
import { useWhole, type Detail } from "../whole";
import { language, t } from "../words";

const MOST = 4;

export function Gates() {
  const city = lastCity();
  const shrines = useRead("/places", { query: { city, kind: "shrine", limit: "1" } });
  const packs = useOpenedPacks(shrines.isCut === true && !shrines.seen);
  const shrine = shrines.seen?.body.places[0] ?? search(packs, { city, kind: "shrine" }, language(), rightNow())[0];
  return shrine ? <GatesOf key={shrine.place} id={String(shrine.place)} /> : null;
}

function GatesOf({ id }: { id: string }) {
  const { reading, kept } = useWhole(id);
  return (
    <section class="block" aria-labelledby="gates">
      <h2 id="gates">{t("Gates of the shrine")}</h2>
      {kept ? (
        <>
          <Note icon="wifi-off">{t("No network. These are the places kept on the phone.")}</Note>
          <Listed told={kept} />
        </>
      ) : (
        <Shown reading={reading}>{(told) => <Listed told={told} />}</Shown>
      )}
    </section>
  );
}

/** Where the phone is stays on the phone. */
function Listed({ told }: { told: Detail }) {
  const [here, setHere] = useState<Whence>();
  const where = useWhere(5, setHere);
  const gates = told.parts.filter((one) => one.kind === "gate");
  const far = (one: (typeof gates)[number]) => (here ? nearestTo(here, [one])[1] : 0);
  const walked = gates.map((one) => ({ ...one, walk_m: here ? Math.round((far(one) * 1.3) / 10) * 10 : null }));
  return (
    <>
      {where.isRefused && <Note icon="info-circle">{t("The phone does not say where you are. Choose the gate nearest to you.")}</Note>}
      <PlaceList places={walked.sort((one, other) => (one.walk_m ?? 0) - (other.walk_m ?? 0)).slice(0, MOST)} />
      {!here && (
        <button type="button" class="button quiet" onClick={where.ask}>
          <Icon name="map-pin" />
          {t("Nearest gate")}
        </button>
      )}
      <a class="button quiet" href={`#/walk/${told.place.place}`}>
        <Icon name="walk" />
        {t("Walking route inside")}
      </a>
    </>
  );
}
