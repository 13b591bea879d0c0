#!/usr/bin/env node
/** The entry point: runs the command line and sets the exit code. */

import { runCommandLine } from './cli/command-line.ts';
import { limitHeapGrowth, limitWasmMemory } from './kit/v8-flags.ts';

limitHeapGrowth();
limitWasmMemory();
process.exitCode = await runCommandLine(process.argv);
// The channel to a process manager would keep this process from exiting.
process.channel?.unref();
