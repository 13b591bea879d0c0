/** Downloads the first file of a location; prints its path and size, and by how many MB the process grew. */

import { openFileStore } from '../../../dist/sources/remote/open-file-store.js';
import { download } from '../../../dist/sources/remote/spool.js';

const { location, dir } = JSON.parse(process.argv[2] ?? '');
const store = await openFileStore(location, { timeoutMs: 10_000 });
const [file] = await store.list();
if (file === undefined) throw new Error('the location has no file');
const before = process.memoryUsage.rss();
let peak = before;
// The system's own figure includes the process that this one was forked from.
const sampling = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss());
}, 10);
const { path, size } = await download(store, file, dir, { stallMs: 10_000 });
clearInterval(sampling);
await store.close();
process.stdout.write(JSON.stringify({ path, size, grownMb: (peak - before) / 1024 ** 2 }));
