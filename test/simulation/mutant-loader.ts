/** A module hook that replaces the text of one compiled module, so that no file on disk is ever changed. */

interface Patch {
  /** End of the module's address. */
  file: string;
  find: string;
  replace: string;
}

interface Loaded {
  source?: string | Uint8Array;
}

let patch: Patch | undefined;

export function initialize(data: Patch): void {
  patch = data;
}

export async function load<T>(
  url: string,
  context: T,
  nextLoad: (url: string, context: T) => Promise<Loaded>,
): Promise<Loaded> {
  const loaded = await nextLoad(url, context);
  if (patch === undefined || !url.endsWith(`/src/${patch.file}`)) return loaded;
  const source = Buffer.from(loaded.source ?? '').toString();
  const parts = source.split(patch.find);
  if (parts.length !== 2)
    throw new Error(`"${patch.find}" occurs ${parts.length - 1} times in ${patch.file}`);
  return { ...loaded, source: parts.join(patch.replace) };
}
