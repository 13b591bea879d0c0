/** The operators file: the operators of the dashboard, with hashes of their passwords. */

import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { stringify } from 'yaml';
import { z } from 'zod';
import { type OperatorRole, operatorRoles } from '../domain/operators/operator.ts';
import { PRIVATE_FILE, writeFileAtomically } from '../kit/files.ts';
import { isPasswordHash } from '../kit/password-hash.ts';
import { ConfigError } from './config-error.ts';
import { readYamlFile } from './yaml-source.ts';

export interface OperatorEntry {
  role: OperatorRole;
  /** See `kit/password-hash.ts`. */
  password: string;
}

/** By name. */
export type Operators = ReadonlyMap<string, OperatorEntry>;

/** Names that `passbridge operators add` accepts. */
export const OPERATOR_NAME = /^[\p{L}\p{N}][\p{L}\p{N}._@ -]{0,63}$/u;

/** Explains {@link OPERATOR_NAME}. */
export const nameRule = 'a name is up to 64 letters, digits, spaces and . _ @ -';

const entry = z.strictObject({
  role: z.enum(operatorRoles, `must be one of ${operatorRoles.join(', ')}`),
  password: z
    .string()
    .refine(isPasswordHash, 'must be a hash written by `passbridge operators add`, not a plain password'),
});

const fileShape = z.strictObject({ operators: z.record(z.string().regex(OPERATOR_NAME), entry) });

const HEADER = '# Operators of the dashboard. Managed by `passbridge operators`.\n';

/** Returns no operators if the file does not exist. Throws a {@link ConfigError} if it is invalid. */
export function loadOperators(file: string): Operators {
  if (!existsSync(file)) return new Map();
  const name = basename(file);
  const yaml = readYamlFile(readFileSync(file), name);
  if (!yaml.ok) throw new ConfigError('The operators file', yaml.problems);
  const shaped = fileShape.safeParse(yaml.source.value ?? { operators: {} });
  if (shaped.success) return new Map(Object.entries(shaped.data.operators));
  const problems = shaped.error.issues.map(({ path, code, message }) => ({
    path: path.map((step) => (typeof step === 'number' ? step : String(step))),
    problem: code === 'invalid_key' ? nameRule : message,
  }));
  throw new ConfigError('The operators file', yaml.source.report(problems));
}

/** Replaces the file, which must be readable by its owner only. */
export async function saveOperators(file: string, operators: Operators): Promise<void> {
  const text = HEADER + stringify({ operators: Object.fromEntries(operators) });
  await writeFileAtomically(file, text, { mode: PRIVATE_FILE });
}
