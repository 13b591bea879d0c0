#!/usr/bin/env node
/** The process entry: hands the command line over and sets the exit code. */

import { runCommandLine } from './cli/command-line.ts';
import { limitHeapGrowth, limitWasmMemory } from './kit/v8-flags.ts';

limitHeapGrowth();
limitWasmMemory();
process.exitCode = await runCommandLine(process.argv);
// A process manager's channel to this process, where there is one, would keep it from ending.
process.channel?.unref();
