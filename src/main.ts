#!/usr/bin/env node
/** The entry point: runs the command line and sets the exit code. */

import { limitHeapGrowth, limitWasmMemory } from './kit/v8-flags.ts';

limitHeapGrowth();
limitWasmMemory();
const { runCommandLine } = await import('./cli/command-line.ts');
process.exitCode = await runCommandLine(process.argv);
// The channel to a process manager would keep this process from exiting.
process.channel?.unref();
// Everything has stopped. A connection or timer that a part has abandoned must not keep the process alive.
setTimeout(() => process.exit(), 500).unref();
