/** The operators file: who may sign in, with hashes of their passwords. */

import { existsSync, readFileSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { stringify } from 'yaml';
import { z } from 'zod';
import { type OperatorRole, operatorRoles } from '../domain/operators/operator.ts';
import { isPasswordHash } from '../kit/password-hash.ts';
import { ConfigError } from './config-error.ts';
import { readYaml } from './yaml-source.ts';

export interface OperatorEntry {
  role: OperatorRole;
  /** See `kit/password-hash.ts`. */
  password: string;
}

/** By name. */
export type Operators = ReadonlyMap<string, OperatorEntry>;

/** What `passbridge operators add` takes. */
export const OPERATOR_NAME = /^[\p{L}\p{N}][\p{L}\p{N}._@ -]{0,63}$/u;

/** What somebody is told who takes another one. */
export const nameRule = 'a name is up to 64 letters, digits, spaces and . _ @ -';

const entry = z.strictObject({
  role: z.enum(operatorRoles, `must be one of ${operatorRoles.join(', ')}`),
  password: z
    .string()
    .refine(isPasswordHash, 'must be a hash, as `passbridge operators add` writes it: no plain password'),
});

const fileShape = z.strictObject({ operators: z.record(z.string().regex(OPERATOR_NAME), entry) });

const HEADER = '# Who may use the dashboard. Changed by `passbridge operators`.\n';

/** Reads the file; no operators where there is none yet. Throws a {@link ConfigError}. */
export function loadOperators(file: string): Operators {
  if (!existsSync(file)) return new Map();
  const name = basename(file);
  const yaml = readYaml(readFileSync(file, 'utf8'), name);
  if (!yaml.ok) throw new ConfigError('The operators file', yaml.problems);
  const shaped = fileShape.safeParse(yaml.source.value ?? { operators: {} });
  if (shaped.success) return new Map(Object.entries(shaped.data.operators));
  const problems = shaped.error.issues.map(({ path, code, message }) => ({
    path: path.map((step) => (typeof step === 'number' ? step : String(step))),
    problem: code === 'invalid_key' ? nameRule : message,
  }));
  throw new ConfigError('The operators file', yaml.source.report(problems));
}

/** Replaces the file as a whole; nobody but its owner may read it. */
export async function saveOperators(file: string, operators: Operators): Promise<void> {
  const text = HEADER + stringify({ operators: Object.fromEntries(operators) });
  const part = `${file}.part`;
  // One that was left by a crash would keep its own rights.
  await rm(part, { force: true });
  await writeFile(part, text, { mode: 0o600, flag: 'wx' });
  await rename(part, file);
}
