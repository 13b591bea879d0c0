/** Declares `passbridge operators` and what can be done with it. */

import { type Command, Option } from 'commander';
import { type OperatorRole, operatorRoles } from '../../domain/operators/operator.ts';
import type { ExitCode } from '../exit-code.ts';

/** Adds the commands; `ended` takes the exit code of the one that ran. */
export function declareOperatorCommands(program: Command, ended: (code: ExitCode) => void): void {
  const operators = program.command('operators').description('who may sign in to the dashboard, and as what');

  operators
    .command('list', { isDefault: true })
    .description('all of them with their roles')
    .action(async () => {
      const { listOperators } = await import('./operators.ts');
      ended(listOperators());
    });

  operators
    .command('add')
    .description(
      'add one, or give one another password or role; the password is asked for, or read from the input',
    )
    .argument('<name>', 'what they sign in with')
    .addOption(
      new Option('--role <role>', 'viewer looks, operator acts, admin may everything')
        .choices([...operatorRoles])
        .default('viewer'),
    )
    .action(async (name: string, { role }: { role: OperatorRole }) => {
      const { addOperator } = await import('./operators.ts');
      ended(await addOperator(name, role));
    });

  operators
    .command('remove')
    .description('take one away; their sessions end at once')
    .argument('<name>', 'what they sign in with')
    .action(async (name: string) => {
      const { removeOperator } = await import('./operators.ts');
      ended(await removeOperator(name));
    });
}
