// The shortest walk inside a shrine, as the server finds it (places/keeping/rules.py). Pure.

export interface Way {
  one: number;
  other: number;
  metres: number;
  hasSteps: boolean;
  forWomen: boolean;
}

/** The places that one passes, first and last included, how far it is in all, and the ways from each to the next. */
export interface Walk {
  places: number[];
  metres: number;
  legs: Way[];
}

export interface Wanted {
  avoidsSteps: boolean;
  isWoman: boolean;
}

const METRES_A_MINUTE = 60; // in a crowd, with children and elders

export function minutesOf(metres: number): number {
  return Math.max(1, Math.ceil(metres / METRES_A_MINUTE));
}

/** The shorter one first; of equally long ones that whose places come first. */
function isBefore(one: Walk, other: Walk): boolean {
  if (one.metres !== other.metres) return one.metres < other.metres;
  const at = one.places.findIndex((place, index) => place !== other.places[index]);
  return at >= 0 && (other.places[at] ?? -1) > one.places[at]!;
}

/** Dijkstra 1959; undefined where there is none. What is full is not walked through. A shrine has so few parts that no heap is needed. */
export function shortestWalk(ways: Way[], start: number, goal: number, wanted: Wanted, full: Set<number> = new Set()): Walk | undefined {
  const usable = ways.filter((way) => !(wanted.avoidsSteps && way.hasSteps) && !(way.forWomen && !wanted.isWoman));
  const reached = new Set<number>();
  const front: Walk[] = [{ places: [start], metres: 0, legs: [] }];
  while (front.length > 0) {
    const first = front.reduce((least, one, at) => (isBefore(one, front[least]!) ? at : least), 0);
    const walked = front.splice(first, 1)[0]!;
    const here = walked.places.at(-1)!;
    if (here === goal) return walked;
    if (reached.has(here) || (full.has(here) && here !== start)) continue;
    reached.add(here);
    for (const way of usable) {
      const next = way.one === here ? way.other : way.other === here ? way.one : undefined;
      if (next === undefined || reached.has(next)) continue;
      front.push({ places: [...walked.places, next], metres: walked.metres + way.metres, legs: [...walked.legs, way] });
    }
  }
  return undefined;
}
