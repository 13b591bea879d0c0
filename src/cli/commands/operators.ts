/** `passbridge operators list|add|remove`: the operators who may sign in to the dashboard. */

import { Option } from 'commander';
import { ConfigError } from '../../config/config-error.ts';
import type { Operators } from '../../config/operators.ts';
import type { Json } from '../../domain/jobs/program.ts';
import { type OperatorRole, operatorRoles } from '../../domain/operators/operator.ts';
import { type DeclareCommand, environment, type ExitCode, localAction, withPassbridge } from '../command.ts';
import { say } from '../output/terminal.ts';
import { readPassword } from '../prompt/prompt.ts';

interface AddFlags {
  role: OperatorRole;
  reason?: string;
}

export const declareOperators: DeclareCommand = (program, ended) => {
  const operators = program.command('operators').description('manage who may sign in to the dashboard');

  operators
    .command('list', { isDefault: true })
    .description('list operators with their roles')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: boolean }) => ended(await list(json === true)));

  operators
    .command('add')
    .description(
      'add an operator, or change their password or role; the password is prompted for or read from stdin',
    )
    .argument('<name>', 'name to sign in with')
    .addOption(
      new Option('--role <role>', 'viewer: read only; operator: control campaigns; admin: everything')
        .choices([...operatorRoles])
        .default('viewer'),
    )
    .option('--reason <text>', 'recorded in the audit')
    .action(async (name: string, flags: AddFlags) => ended(await add(name, flags)));

  operators
    .command('remove')
    .description('remove an operator and end their sessions')
    .argument('<name>', 'name they sign in with')
    .option('--reason <text>', 'recorded in the audit')
    .action(async (name: string, flags: { reason?: string }) => ended(await remove(name, flags)));
};

async function list(json: boolean): Promise<ExitCode> {
  const { operators } = await openOperatorsFile();
  if (json) {
    say(JSON.stringify({ operators: Array.from(operators, ([name, { role }]) => ({ name, role })) }));
    return 0;
  }
  if (operators.size === 0) say('No operators yet. Add one: passbridge operators add <name> --role admin');
  for (const [name, { role }] of operators) say(`${role.padEnd(8)}  ${name}`);
  return 0;
}

/** At 20 attempts a minute, guessing a password of this length is hopeless. */
const MIN_PASSWORD_LENGTH = 12;

async function add(name: string, { role, reason }: AddFlags): Promise<ExitCode> {
  const { nameRule, OPERATOR_NAME } = await import('../../config/operators.ts');
  const { hashPassword } = await import('../../kit/password-hash.ts');
  const { path, operators } = await openOperatorsFile();
  if (!OPERATOR_NAME.test(name)) throw new ConfigError('The command', [`${name}: ${nameRule}`]);
  const password = await readPassword(`Password for ${name}: `);
  if (password.length < MIN_PASSWORD_LENGTH) {
    throw new ConfigError('The command', [
      `the password is too short; it must have at least ${MIN_PASSWORD_LENGTH} characters`,
    ]);
  }
  const known = operators.get(name);
  await save(path, new Map(operators).set(name, { role, password: await hashPassword(password) }), {
    ...localAction(reason),
    action: 'operators.add',
    target: name,
    ...(known !== undefined && { before: { role: known.role } }),
    after: { role },
  });
  say(`${name} may sign in as ${role}.`);
  return 0;
}

async function remove(name: string, { reason }: { reason?: string }): Promise<ExitCode> {
  const { path, operators } = await openOperatorsFile();
  const known = operators.get(name);
  if (known === undefined) {
    const names = [...operators.keys()].join(', ') || 'none';
    throw new ConfigError('The command', [`there is no operator ${name}. Operators: ${names}`]);
  }
  await save(path, new Map([...operators].filter(([other]) => other !== name)), {
    ...localAction(reason),
    action: 'operators.remove',
    target: name,
    before: { role: known.role },
  });
  say(`${name} may no longer sign in.`);
  return 0;
}

interface Change extends ReturnType<typeof localAction> {
  action: 'operators.add' | 'operators.remove';
  target: string;
  before?: Json;
  after?: Json;
}

/** Replaces the file, and records the change in the audit. */
function save(path: string, operators: Operators, change: Change): Promise<void> {
  return withPassbridge([], async ({ stores }) => {
    const { saveOperators } = await import('../../config/operators.ts');
    const { audited } = await import('../../services/operators/audit.ts');
    await audited(stores, change, () => saveOperators(path, operators));
  });
}

async function openOperatorsFile(): Promise<{ path: string; operators: Operators }> {
  const { loadConfig } = await import('../../config/load.ts');
  const { loadOperators } = await import('../../config/operators.ts');
  const { operators: path } = loadConfig(environment()).files;
  if (path !== undefined) return { path, operators: loadOperators(path) };
  throw new ConfigError('The configuration', [
    'OPERATORS_FILE is not set. Set it to the path of the operators file, e.g. OPERATORS_FILE=./operators.yaml',
  ]);
}
