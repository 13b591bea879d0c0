/** The real command line within the test process: a tenth of the time that a process of its own takes to load. */

import { Readable, Writable } from 'node:stream';
import { runCommandLine } from '../../src/cli/command-line.ts';
import { withCommandIo } from '../../src/cli/command-io.ts';

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface CommandOptions {
  folder: string;
  /** All variables: nothing is inherited. Undefined ones are absent. */
  env: Readonly<Record<string, string | undefined>>;
  /** What the standard input holds. */
  input?: string;
  /** Whether the standard input and output are a terminal. */
  atTerminal?: boolean;
}

/** Commands resolve paths against the folder of the process, so they run one after the other. */
let previous: Promise<unknown> = Promise.resolve();

/** Runs a command that ends on its own. */
export function runCommand(args: readonly string[], options: CommandOptions): Promise<Ended> {
  const run = previous.then(() => runNow(args, options));
  previous = run.catch(() => {});
  return run;
}

async function runNow(
  args: readonly string[],
  { folder, env, input = '', atTerminal = false }: CommandOptions,
): Promise<Ended> {
  const stdout = collect();
  const stderr = collect();
  const io = {
    stdin: Object.assign(Readable.from([Buffer.from(input)]), { isTTY: atTerminal }),
    stdout: Object.assign(stdout.stream, { isTTY: atTerminal }),
    stderr: stderr.stream,
  };
  const variables = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined));
  const interruption = new AbortController().signal;
  const before = process.cwd();
  process.chdir(folder);
  try {
    const code = await withCommandIo({ ...io, env: variables, interruption }, () =>
      runCommandLine(['node', 'passbridge', ...args]),
    );
    return { code, stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    process.chdir(before);
  }
}

function collect() {
  const chunks: string[] = [];
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      chunks.push(chunk.toString());
      done();
    },
  });
  return { stream, text: () => chunks.join('') };
}
