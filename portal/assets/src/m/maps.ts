// The map of a city: of a pack that is on the phone, else fetched once for itself and kept.
import { useEffect, useState } from "preact/hooks";
import { read } from "./api";
import { fetched, openedPacks } from "./packs";
import type { CityMap } from "./shapes";
import { database } from "./store";

const HOME = "mashhad";

async function ofPack(city: string): Promise<CityMap | undefined> {
  const packs = (await openedPacks()).map((one) => one.pack).filter((one) => one.city === city && one.map);
  return (packs.find((one) => one.zone === null) ?? packs[0])?.map;
}

/** The newest one; without a network nothing, and the one that is kept stays. */
async function fetchMap(city: string, held: string | undefined): Promise<CityMap | undefined> {
  const { body, isOld } = await read("/places/packs", { query: { city } });
  if (isOld || !body.map || body.map.version === held) return undefined;
  const map = await fetched<CityMap>(body.map.address);
  await (await database()).put("maps", { version: body.map.version, map }, city);
  return map;
}

export function useCityMap(city = HOME): CityMap | undefined {
  const [map, setMap] = useState<CityMap>();
  useEffect(() => {
    let isGone = false;
    const show = (one: CityMap | undefined) => void (one && !isGone && setMap(one));
    const look = async () => {
      const kept = await ofPack(city);
      if (kept) return show(kept);
      const held = await (await database()).get("maps", city);
      show(held?.map);
      show(await fetchMap(city, held?.version));
    };
    look().catch(() => undefined); // the places are drawn without streets
    return () => {
      isGone = true;
    };
  }, [city]);
  return map;
}
