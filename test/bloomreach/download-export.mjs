/** Downloads an export into a file and prints the result: a process that a test can kill. */

import { makeExportClient } from '../../dist/bloomreach/export.js';

const [baseUrl = '', path = '', credentials = ''] = process.argv.slice(2);
const client = makeExportClient({
  baseUrl,
  ...JSON.parse(credentials),
  stallMs: 10_000,
  delaysMs: [],
  clock: Date.now,
  random: Math.random,
});
const result = await client.download(
  {
    ids: ['registered'],
    attributes: ['first_name', 'email', 'note'],
    segmentation: undefined,
    executionTime: 1_763_855_000,
    timeZone: 'Europe/Prague',
    format: 'csv',
  },
  path,
);
await client.close();
process.stdout.write(JSON.stringify(result));
