/** Looks into a place for the file to take, twice where one look cannot tell whether it is whole. */

import { sleep } from '../../kit/clock.ts';
import { chooseFile, type Choice, type Wanted } from './choose-file.ts';
import type { FileStore } from './file-store.ts';

interface Search extends Omit<Wanted, 'whole'> {
  /** Name of the file that says that `{name}` is whole, such as `{name}.done` or `_SUCCESS`. */
  marker?: string;
  /** Without a marker: how long a file has to stay as it is to be taken for whole, in ms. */
  settleMs: number;
  /** Ends the wait: then the file is as good as still being written. */
  signal?: AbortSignal;
}

/** Takes `settleMs` where a new file is there, the place shows half-written ones and no marker is used. */
export async function findFile(
  store: FileStore,
  { marker, settleMs, signal, ...wanted }: Search,
): Promise<Choice> {
  const listing = await store.list();
  if (marker !== undefined) return chooseFile(listing, { ...wanted, whole: { by: 'marker', marker } });
  const choice = chooseFile(listing, { ...wanted, whole: { by: 'arrival' } });
  if (choice.kind !== 'chosen' || store.wholeOnArrival) return choice;
  await sleep(settleMs, signal);
  if (signal?.aborted === true) return { kind: 'still-written', file: choice.file };
  return chooseFile(await store.list(), { ...wanted, whole: { by: 'settled', earlier: listing } });
}
