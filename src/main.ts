#!/usr/bin/env node
/** The process entry: hands the command line over and sets the exit code. */

import { runCommandLine } from './cli/command-line.ts';
import { keepHeapLean } from './kit/lean-heap.ts';

keepHeapLean();
process.exitCode = await runCommandLine(process.argv);
