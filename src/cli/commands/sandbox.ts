/** `passbridge sandbox`: the stand-in Passmachine and Bloomreach alone, for rehearsals. */

import { startRehearsal } from '../../services/rehearsal.ts';
import type { ExitCode } from '../exit-code.ts';
import { aborted, interruption, say } from '../output/terminal.ts';

type SandboxOptions = Parameters<typeof startRehearsal>[0];

export async function sandbox(options: SandboxOptions): Promise<ExitCode> {
  const rehearsal = await startRehearsal(options);
  const settings = Object.entries(rehearsal.settings).map(([name, value]) => `${name}=${value}`);
  say(
    [
      `A stand-in Passmachine and Bloomreach listens at ${rehearsal.url}. To use it, put this into .env:`,
      '',
      ...settings,
      '',
      `What it really did: ${rehearsal.url}/_sandbox/witness. Ctrl-C stops it.`,
    ].join('\n'),
  );
  await aborted(interruption());
  await rehearsal.close();
  return 0;
}
