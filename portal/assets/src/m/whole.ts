// A whole place with its parts: from the API, else from what the phone holds of it.
import { rightNow } from "./clock";
import { later } from "./crowd";
import { whole } from "./pack";
import { useOpenedPacks } from "./packs";
import { useRead, type Reading } from "./parts";
import type { Answer } from "./shapes";
import { language } from "./words";

export type Detail = Answer<"/places/{place_id}">;

export interface Held {
  reading: Reading<Detail>;
  kept: Detail | undefined; // by the packs, where there is no network
}

/** Without a network the packs know whether it is open now; what was read before may have seen later how crowded it is. */
export function useWhole(id: string): Held {
  const reading = useRead("/places/{place_id}", { values: { place_id: id } });
  const packs = useOpenedPacks(reading.isCut === true);
  const kept = whole(packs, Number(id), language(), rightNow());
  const read = reading.seen?.body;
  if (!kept || !read) return { reading, kept };
  const parts = kept.parts.map((part) => ({ ...part, ...later(part, read.parts.find((one) => one.place === part.place)) }) as typeof part);
  return { reading, kept: { ...kept, ...later(kept, read), about: read.about ?? kept.about, photos: read.photos, parts } as Detail };
}
