// On foot from part to part of a shrine: from a gate or from where one stands, without steps if one wants, with a network or without.
import { useState } from "preact/hooks";
import { rightNow } from "../clock";
import { Crowd } from "../crowd";
import { walkOf } from "../pack";
import { useOpenedPacks } from "../packs";
import { Icon, Note, Screen, Shown, useRead } from "../parts";
import { KINDS } from "../places";
import { CityMap } from "../map";
import type { Answer, Place } from "../shapes";
import { nearestTo, useWhere } from "../where";
import { useWhole, type Detail } from "../whole";
import { language, number, t } from "../words";

type Part = Detail["parts"][number];
type WalkTold = Answer<"/places/{place_id}/walk">;
type Change = (changes: Record<string, string | null>) => void;

const CHOICES = { no_steps: () => t("Without steps"), man: () => t("Not through ways for women only") };
const ORDER: Place["kind"][] = ["gate", "courtyard", "prayer_hall", "service"];

/** The question stands in the address, so that coming back from a place keeps it. */
export function WalkInside({ id, asked }: { id: string; asked: URLSearchParams }) {
  const { reading, kept } = useWhole(id);
  const change: Change = (changes) => {
    const query = Object.entries({ ...Object.fromEntries(asked), ...changes }).filter((one): one is [string, string] => !!one[1]);
    location.replace(`#/walk/${id}?${new URLSearchParams(query)}`);
  };
  const shown = (told: Detail) => <Asked told={told} asked={asked} change={change} />;
  return (
    <Screen title={t("Walking route")}>
      {kept ? (
        <>
          <Note icon="wifi-off">{t("No network. These are the places kept on the phone.")}</Note>
          {shown(kept)}
        </>
      ) : (
        <Shown reading={reading}>{shown}</Shown>
      )}
    </Screen>
  );
}

function Asked({ told, asked, change }: { told: Detail; asked: URLSearchParams; change: Change }) {
  const [from, to] = ["from", "to"].map((name) => told.parts.find((one) => String(one.place) === asked.get(name)));
  return (
    <>
      <section class="block" aria-labelledby="inside">
        <h2 id="inside">
          <bdi>{told.place.name}</bdi>
        </h2>
        <Standing parts={told.parts} choose={(one) => change({ from: String(one.place) })} />
        <Choice name="from" says={t("From")} parts={told.parts} chosen={from} change={change} />
        <Choice name="to" says={t("To")} parts={told.parts} chosen={to} change={change} />
        {Object.entries(CHOICES).map(([name, says]) => (
          <label key={name} class="pick">
            <input type="checkbox" checked={asked.has(name)} onChange={() => change({ [name]: asked.has(name) ? null : "true" })} />
            {says()}
          </label>
        ))}
      </section>
      {from && to && <Found key={asked.toString()} from={from} to={to} asked={asked} parts={told.parts} />}
    </>
  );
}

/** Begins where the phone is nearest to. Where that is, nobody else is told. */
function Standing({ parts, choose }: { parts: Part[]; choose: (part: Part) => void }) {
  const [said, setSaid] = useState("");
  const where = useWhere(5, (here) => {
    const [part, metres] = nearestTo(here, parts);
    setSaid(t("You are about %(metres)s m from %(place)s.", { metres: number(Math.round(metres / 10) * 10), place: part.name }));
    choose(part);
  });
  return (
    <>
      <button type="button" class="button quiet" onClick={where.ask}>
        <Icon name="map-pin" />
        {t("From where I am")}
      </button>
      {where.isRefused && <Note icon="info-circle">{t("The phone does not say where you are. Choose the gate nearest to you.")}</Note>}
      {said && !where.isRefused && <Note icon="map-pin">{said}</Note>}
    </>
  );
}

function Choice({ name, says, parts, chosen, change }: { name: string; says: string; parts: Part[]; chosen: Part | undefined; change: Change }) {
  const kinds = [...new Set([...ORDER, ...parts.map((one) => one.kind)])];
  return (
    <label>
      <span>{says}</span>
      <select onChange={(event) => change({ [name]: event.currentTarget.value })}>
        <option value="">{t("Choose")}</option>
        {kinds.map((kind) => {
          const ofKind = parts.filter((one) => one.kind === kind);
          return (
            ofKind.length > 0 && (
              <optgroup key={kind} label={KINDS[kind][1]()}>
                {ofKind.map((one) => (
                  <option key={one.place} value={one.place} selected={one.place === chosen?.place}>
                    {one.name}
                  </option>
                ))}
              </optgroup>
            )
          );
        })}
      </select>
    </label>
  );
}

/** Found by the server; without a network by the phone itself in its pack, else what was asked before. */
function Found({ from, to, asked, parts }: { from: Part; to: Part; asked: URLSearchParams; parts: Part[] }) {
  const wanted = Object.keys(CHOICES).filter((name) => asked.has(name));
  const query = { to: String(to.place), ...Object.fromEntries(wanted.map((name) => [name, "true"])) };
  const walk = useRead("/places/{place_id}/walk", { values: { place_id: from.place }, query });
  const packs = useOpenedPacks(walk.isCut === true);
  const choice = { avoidsSteps: asked.has("no_steps"), isWoman: !asked.has("man") };
  const kept = walkOf(packs, from.place, to.place, choice, language(), rightNow());
  return (
    <section class="block" aria-labelledby="way">
      <h2 id="way">{t("The walking route")}</h2>
      {kept ? <Told walk={kept} parts={parts} /> : <Shown reading={walk}>{(told) => <Told walk={told} parts={parts} />}</Shown>}
      {walk.isCut && !kept && (
        <a class="button quiet" href="#/packs">
          <Icon name="download" />
          {t("Places without a network")}
        </a>
      )}
    </section>
  );
}

function Told({ walk, parts }: { walk: WalkTold; parts: Part[] }) {
  if (walk.stops.length === 0) return <Note icon="info-circle">{t("No such way is known. Ask whoever serves here, or allow steps.")}</Note>;
  const spots = walk.stops.flatMap((stop) => parts.filter((one) => one.place === stop.place));
  return (
    <>
      <p>{t("%(metres)s metres, about %(minutes)s min on foot; lengths are estimates.", { metres: number(walk.metres), minutes: number(walk.minutes) })}</p>
      <ol class="stops walked" aria-label={t("The walking route")}>
        {walk.stops.map((stop, at) => (
          <li key={stop.place}>
            {at > 0 && (
              <small>
                {t("about %(metres)s m on foot", { metres: number(stop.metres) })}
                {stop.has_steps && ` · ${t("with steps")}`}
                {stop.for_women && ` · ${t("For women")}`}
              </small>
            )}
            <a href={`#/place/${stop.place}`}>
              <bdi>{stop.name}</bdi>
            </a>
            <Crowd crowd={stop.crowd} crowd_at={stop.crowd_at} />
          </li>
        ))}
      </ol>
      <CityMap places={spots} isWalk />
    </>
  );
}
