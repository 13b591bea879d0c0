/** Reads a file that must be refused, and prints the refusal and the peak memory in MB. Run with a small heap. */

import { openFile } from '../../dist/sources/open-file.js';

try {
  const file = await openFile(process.argv[2] ?? '', { idTypes: ['registered'] });
  for await (const _ of file.rows());
} catch (error) {
  if (!(error instanceof Error)) throw error;
  const peakMb = process.resourceUsage().maxRSS / 1024;
  process.stdout.write(JSON.stringify({ refusal: error.message, peakMb }));
}
