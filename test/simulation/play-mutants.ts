/** Plays worlds with each planted bug, in processes of their own, and prints how soon each is found. */

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Violation } from './checker.ts';
import { mutants } from './mutants/all.ts';
import type { Mutant } from './mutants/mutant.ts';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
/** A mutant that hangs counts as not found. */
const TIMEOUT_MS = 10 * 60_000;

interface Verdict {
  mutant: Mutant;
  /** Number of worlds until it was found; undefined if it was not. */
  worlds: number | undefined;
  invariants: string[];
}

/** Prints a Markdown table. Returns 1 if a bug was not found that should have been. */
export async function playMutants({ first, worlds }: { first: number; worlds: number }): Promise<number> {
  process.stdout.write('| Planted bug | In | Found by | Worlds |\n| --- | --- | --- | --- |\n');
  const verdicts: Verdict[] = [];
  for (const mutant of mutants) {
    const verdict = await judge(mutant, first, worlds);
    verdicts.push(verdict);
    process.stdout.write(`${rowOf(verdict, worlds)}\n`);
  }
  const found = verdicts.flatMap(({ worlds: count }) => count ?? []).toSorted((one, other) => one - other);
  const missed = verdicts.filter(
    ({ mutant, worlds: count }) => count === undefined && mutant.equivalent === undefined,
  );
  process.stdout.write(
    `\n${found.length} of ${mutants.length} found; worlds: median ${found[Math.floor(found.length / 2)]}, worst ${found.at(-1)}\n`,
  );
  return missed.length === 0 ? 0 : 1;
}

async function judge(mutant: Mutant, first: number, worlds: number): Promise<Verdict> {
  const args = [MAIN, '--mutant', mutant.name, '--seed', String(first), '--worlds', String(worlds)];
  const output = await new Promise<string>((resolve) => {
    execFile(
      process.execPath,
      args,
      { timeout: TIMEOUT_MS, killSignal: 'SIGTERM' },
      (_error, stdout, stderr) => resolve(`${stdout}${stderr}`),
    );
  });
  const line = output.split('\n').find((text) => text.startsWith('FOUND '));
  if (line === undefined) {
    if (!output.includes('0 violations')) process.stderr.write(`${mutant.name}: ${output.slice(0, 600)}\n`);
    return { mutant, worlds: undefined, invariants: [] };
  }
  const { seed, violations } = JSON.parse(line.slice('FOUND '.length)) as {
    seed: number;
    violations: Violation[];
  };
  return {
    mutant,
    worlds: seed - first + 1,
    invariants: [...new Set(violations.map(({ invariant }) => invariant))],
  };
}

function rowOf({ mutant, worlds, invariants }: Verdict, limit: number): string {
  const { name, file, equivalent } = mutant;
  const found = worlds === undefined ? (equivalent ?? 'not found') : invariants.join(', ');
  return `| ${name} | \`${file}\` | ${found} | ${worlds ?? `> ${limit}`} |`;
}
