/** Downloads the first file of a place; prints what came of it and by how many MB the process grew. */

import { openFileStore } from '../../../dist/sources/remote/open-file-store.js';
import { download } from '../../../dist/sources/remote/spool.js';

const { location, dir } = JSON.parse(process.argv[2]);
const store = await openFileStore(location, { answerMs: 10_000 });
const [file] = await store.list();
const before = process.memoryUsage.rss();
let most = before;
// The system's own peak would be that of the process which this one was forked from.
const sampling = setInterval(() => {
  most = Math.max(most, process.memoryUsage.rss());
}, 10);
const { path, size } = await download(store, file, dir, { stallMs: 10_000 });
clearInterval(sampling);
await store.close();
process.stdout.write(JSON.stringify({ path, size, grownMb: (most - before) / 1024 ** 2 }));
