/** `passbridge operators`: who may sign in to the dashboard. */

import { recorded } from '../../services/operators/audit.ts';
import { openProcess } from '../../app/process.ts';
import { ConfigError } from '../../config/config-error.ts';
import { loadConfig } from '../../config/load.ts';
import {
  loadOperators,
  nameRule,
  OPERATOR_NAME,
  type Operators,
  saveOperators,
} from '../../config/operators.ts';
import type { Json } from '../../domain/jobs/program.ts';
import type { OperatorRole } from '../../domain/operators/operator.ts';
import { hashPassword } from '../../kit/password-hash.ts';
import { localAction } from './act.ts';
import type { ExitCode } from '../exit-code.ts';
import { readPassword } from '../prompt/password.ts';
import { host, makeFileLogger, say } from '../output/terminal.ts';

/** Characters. Long enough that guessing it, 20 times a minute, takes longer than anybody lives. */
const SHORTEST_PASSWORD = 12;

/** Adds an operator, or gives one another password or role. */
export async function addOperator(name: string, role: OperatorRole): Promise<ExitCode> {
  const file = operatorsFile();
  if (!OPERATOR_NAME.test(name)) {
    throw new ConfigError('The command', [`${name}: ${nameRule}`]);
  }
  const password = await readPassword(`Password for ${name}: `);
  if (password.length < SHORTEST_PASSWORD) {
    throw new ConfigError('The command', [
      `the password has to have at least ${SHORTEST_PASSWORD} characters`,
    ]);
  }
  const before = loadOperators(file);
  const operators = new Map(before).set(name, { role, password: await hashPassword(password) });
  const known = before.get(name);
  await change(file, operators, {
    act: 'operators.add',
    on: name,
    ...(known !== undefined && { before: { role: known.role } }),
    after: { role },
  });
  say(`${name} may sign in as ${role}.`);
  return 0;
}

export async function removeOperator(name: string): Promise<ExitCode> {
  const file = operatorsFile();
  const operators = new Map(loadOperators(file));
  const known = operators.get(name);
  if (known === undefined) {
    const names = [...operators.keys()].join(', ') || 'none';
    throw new ConfigError('The command', [`there is no operator ${name}. There are: ${names}`]);
  }
  operators.delete(name);
  await change(file, operators, { act: 'operators.remove', on: name, before: { role: known.role } });
  say(`${name} may no longer sign in.`);
  return 0;
}

export function listOperators(): ExitCode {
  const operators = loadOperators(operatorsFile());
  if (operators.size === 0)
    say('Nobody may sign in yet. Add somebody: passbridge operators add <name> --role admin');
  for (const [name, { role }] of operators) say(`${role.padEnd(8)}  ${name}`);
  return 0;
}

interface Change {
  act: 'operators.add' | 'operators.remove';
  on: string;
  before?: Json;
  after?: Json;
}

async function change(file: string, operators: Operators, changed: Change): Promise<void> {
  const config = loadConfig({ env: process.env, cwd: process.cwd() });
  const passbridge = await openProcess(config, host, makeFileLogger(config));
  try {
    await recorded(passbridge.stores, { ...localAction(), ...changed }, () => saveOperators(file, operators));
  } finally {
    await passbridge.close();
  }
}

function operatorsFile(): string {
  const { operators } = loadConfig({ env: process.env, cwd: process.cwd() }).files;
  if (operators !== undefined) return operators;
  throw new ConfigError('The configuration', [
    'OPERATORS_FILE is not set. Say where operators are kept, e.g. OPERATORS_FILE=./operators.yaml',
  ]);
}
