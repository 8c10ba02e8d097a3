// Which uploads that can be resumed make room for another one. Pure.

/** The most uploads that one thread keeps: their states and lists are small, but not nothing. */
const MAX_KEPT = 1_000;

/**
 * The most of one user or network: a browser sends three files at once, so a hundred are those of
 * many devices, and one client alone can't take the place of all others.
 */
const MAX_OF_OWNER = 100;

/** An upload that is kept. */
export interface Slot {
  /** The user, or the network of a client without a user. */
  readonly owner: string;
  /** Whether it is complete: only a client that has missed the response needs it. */
  readonly isDone: boolean;
}

/**
 * Chooses the uploads that may be dropped for another one.
 *
 * @param slots The uploads that are kept by their names, the one that was used last at the end.
 * @param owner Who begins another one.
 * @param isBusy Whether a request for an upload is running.
 * @returns Their names, the best one first; `undefined` if there is room.
 *
 * @example There is room
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const slots = new Map([["a", { owner: "ada", isDone: false }]]);
 * assertEquals(chooseSlots(slots, "ada", () => false), undefined);
 * ```
 */
export function chooseSlots(
  slots: ReadonlyMap<string, Slot>,
  owner: string,
  isBusy: (name: string) => boolean,
): readonly string[] | undefined {
  const own = [...slots].filter(([, slot]) => slot.owner === owner);
  const ofOwner = own.length >= MAX_OF_OWNER;
  if (!ofOwner && slots.size < MAX_KEPT) return undefined;
  const idle = (ofOwner ? own : [...slots]).filter(([name]) => !isBusy(name));
  const done = idle.filter(([, { isDone }]) => isDone);
  const open = idle.filter(([, { isDone }]) => !isDone);
  // Not the oldest of all: a client that begins many would drop those of all others.
  const greediest = mostFrequent(open.map(([, slot]) => slot.owner));
  const first = open.filter(([, slot]) => slot.owner === greediest);
  return [...done, ...first].map(([name]) => name);
}

function mostFrequent(owners: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const owner of owners) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return [...counts].find(([, count]) => count === most)?.[0];
}
