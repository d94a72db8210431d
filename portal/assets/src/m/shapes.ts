// What the API, the packs and the maps say: shapes alone, which every other file may know.
import type { paths } from "./openapi";

export type Method = "get" | "post" | "put" | "delete";
export type Of<P extends keyof paths, M extends Method> = Exclude<paths[P][M], undefined>;
export type With<M extends Method> = { [P in keyof paths]: paths[P] extends { [K in M]: object } ? P : never }[keyof paths];
type Json<T> = T extends { content: { "application/json": infer Body } } ? Body : undefined;
type Good<T> = T extends { responses: infer R } ? Json<R[Extract<200 | 201 | 202, keyof R>]> : never;
export type Body<T> = T extends { requestBody: infer R } ? Json<R> : undefined;

export type Answer<P extends With<M>, M extends Method = "get"> = Good<Of<P, M>>;

export type Place = Answer<"/places">["places"][number];
type Detail = Answer<"/places/{place_id}">;
type Past = Detail["history"][number];
type Own = Detail["own"][number];
export type Texts = Record<string, string>;
export type Level = "calm" | "busy" | "full";

export interface Whence {
  lon: number;
  lat: number;
}

export interface Pack {
  city: string;
  zone: string | null;
  corner: [number, number];
  scale: number;
  fields: string[];
  flags: Record<string, number>;
  places: unknown[][];
  kinds: Place["kind"][];
  sources: [string, string][];
  rules: Texts[];
  open_from: number;
  open: number[][];
  prayers: { events: string[]; days: string[][] };
  // A pack of before knew nothing of these.
  way_flags?: Record<"steps" | "women", number>;
  ways?: [number, number, number, number][];
  crowd?: [number, Level, number, number][];
  map?: CityMap;
  // Of the nearest places, as many as fit into the pack.
  words?: [number, [Past["kind"], Texts, number | null, Past["calendar"], boolean, number][], [Texts, Own["kind"], string][]][];
  photos?: [number, string, number, string][];
}

export interface CityMap {
  city: string;
  corner: [number, number];
  scale: number;
  box: [number, number, number, number];
  layers: Record<string, number[][]>; // by sort: the number of the name or −1, where it begins, and then its steps
  marks: [number, string, number, number, number][];
  names: Record<string, string>[];
  sources: [string, string][];
}
