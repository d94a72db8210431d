// The cities of the network, and the choice of one.
import { Choice, useRead } from "./parts";
import type { Answer } from "./shapes";
import { t } from "./words";

export type City = Answer<"/cities">["cities"][number];

export function useCities(): City[] {
  return useRead("/cities").seen?.body.cities ?? [];
}

/** Nothing is asked where there is one city. `any` stands first where all are meant unless one is chosen. */
export function CityChoice({ cities, is, says = t("City"), any, name, choose }: { cities: City[]; is: string; says?: string; any?: string; name?: string; choose?: (city: string) => void }) {
  if (cities.length < 2) return null;
  return <Choice label={says} name={name} any={any} is={is} choose={choose} of={cities.map((one) => [one.code, one.name] as const)} />;
}
