/** Declares `passbridge schedules` and what can be done with it. */

import type { Command } from 'commander';
import type { ExitCode } from '../exit-code.ts';
import { atLeastOne } from './flag-values.ts';

/** Adds the commands; `ended` takes the exit code of the one that ran. */
export function declareScheduleCommands(program: Command, ended: (code: ExitCode) => void): void {
  const schedules = program
    .command('schedules')
    .description('campaigns that start by cron: what comes due, and what became of it');

  schedules
    .command('list', { isDefault: true })
    .description('when each comes due next, its last run, and missed runs that wait for an answer')
    .option('--json', 'for machines')
    .action(async (options: { json?: boolean }) => {
      const { list } = await import('./schedules.ts');
      ended(await list({ json: options.json === true }));
    });

  schedules
    .command('next')
    .description('the next due times by the programs file')
    .argument('[schedule]', 'one of them')
    .option('--count <n>', 'so many of each', atLeastOne, 5)
    .option('--json', 'for machines')
    .action(async (name: string | undefined, options: { count: number; json?: boolean }) => {
      const { next } = await import('./schedules.ts');
      ended(next(name, { count: Math.min(options.count, MOST_TIMES), json: options.json === true }));
    });

  const reasoned = (name: string, description: string) =>
    schedules
      .command(name)
      .description(description)
      .argument('<schedule>', 'its name')
      .option('--reason <text>', 'written into the audit');

  reasoned('run', 'start a run now; it stands for missed runs that wait for an answer').action(
    async (name: string, options: { reason?: string }) => {
      const { run } = await import('./schedules.ts');
      ended(await run(name, options));
    },
  );
  reasoned('skip', 'leave out missed runs that wait for an answer').action(
    async (name: string, options: { reason?: string }) => {
      const { skip } = await import('./schedules.ts');
      ended(await skip(name, options));
    },
  );
  for (const [word, enabled, description] of switches) {
    reasoned(word, description).action(async (name: string, options: { reason?: string }) => {
      const { switchTo } = await import('./schedules.ts');
      ended(await switchTo(enabled, name, options));
    });
  }
}

const MOST_TIMES = 1000;

const switches = [
  ['enable', true, 'let it start campaigns by itself'],
  ['disable', false, 'start no campaigns by itself until it is enabled; what comes due is not made up for'],
] as const;
