#!/usr/bin/env node
/** The entry point: runs the command line and sets the exit code. */

import { describeUnexpected } from './cli/output/unexpected-error.ts';
import { limitHeapGrowth } from './kit/runtime/v8-flags.ts';
import { visible } from './kit/text/visible.ts';

limitHeapGrowth();
try {
  // Imported here, because loading it opens more files than a low limit allows.
  const { runCommandLine } = await import('./cli/command-line.ts');
  process.exitCode = await runCommandLine(process.argv);
} catch (error) {
  const { text, code } = describeUnexpected(error);
  process.stderr.write(`${visible(text)}\n`);
  process.exitCode = code;
}
// The channel to a process manager would keep this process from exiting.
process.channel?.unref();
// Everything has stopped. A connection or timer that a part has abandoned must not keep the process alive.
setTimeout(() => process.exit(), 500).unref();
