/** Reads a file twice, the second time only its last seven rows, and prints the counts. Run with a small heap. */

import { openFile } from '../../dist/sources/open-file.js';

const file = await openFile(process.argv[2] ?? '', { idTypes: ['registered'] });
let rows = 0;
let last;
for await (const chunk of file.rows()) {
  rows += chunk.length;
  const row = chunk.at(-1);
  if (row?.ok === true) last = row.customer.ids['registered'];
}
let behind = 0;
for await (const chunk of file.rows({ after: rows - 7 })) behind += chunk.length;
process.stdout.write(JSON.stringify({ rows, last, behind }));
