/** Declares what a newcomer begins with: `passbridge init` and `passbridge doctor`. */

import { type Command, Option } from 'commander';
import type { ExitCode } from '../exit-code.ts';
import { questions } from '../prompt/first-questions.ts';

/** Adds the commands; `ended` takes the exit code of the one that ran. */
export function declareFirstRunCommands(program: Command, ended: (code: ExitCode) => void): void {
  const initCommand = program
    .command('init')
    .description('write a first .env and programs.yaml, asking for what no flag or variable says')
    .option('--force', 'over those that are there');
  const flags = questions.map(({ name, asks, standard }) => {
    const flag = new Option(`--${name} <value>`, standard === undefined ? asks : `${asks} (${standard})`);
    initCommand.addOption(flag);
    return [name, flag.attributeName()] as const;
  });
  initCommand.action(async (given: Record<string, unknown>) => {
    const answers = flags.map(([name, key]) => [name, given[key]]);
    const { init } = await import('./init.ts');
    ended(
      await init({
        force: given['force'] === true,
        answers: Object.fromEntries(answers) as Record<string, string | undefined>,
      }),
    );
  });

  program
    .command('doctor')
    .description('look at everything that a campaign needs, and say what to do about what is not right')
    .option('--file <export>', 'compare the templates with its columns')
    .option('--json', 'for machines')
    .action(async (options: { file?: string; json?: boolean }) => {
      const { doctor } = await import('./doctor.ts');
      ended(await doctor(options));
    });
}
