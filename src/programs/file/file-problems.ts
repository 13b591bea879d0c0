/** Problems of the programs file that show without compiling it: a wrong shape, and secrets pasted into it. */

import type { z } from 'zod';
import { replacementKey } from '../../config/retired-names.ts';
import { didYouMean } from '../../kit/did-you-mean.ts';
import type { JsonPath, PathProblem } from '../../kit/json-path.ts';
import { keysAt } from './program-shape.ts';

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  object: 'a map of names and values',
  record: 'a map of names and values',
  array: 'a list',
};

/** Words a zod issue for the author of the file. Expects issues that report their input. */
export function shapeProblems(issue: z.core.$ZodIssue): PathProblem[] {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...path, key],
      problem: `unknown key${suggestKey(key, keysAt(path))}`,
    }));
  }
  return [{ path, problem: describe(issue) }];
}

function suggestKey(key: string, known: readonly string[]): string {
  const replacement = replacementKey(key);
  return replacement === undefined ? didYouMean(key, known) : `, did you mean ${replacement}?`;
}

function describe(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value') return describeChoice(issue.input, issue.values.map(String));
  if (issue.code === 'invalid_union' && issue.message === 'Invalid input')
    return 'must be text, a number, true, false, null, a list or a map';
  if (issue.code === 'invalid_key') return issue.issues.map(({ message }) => message).join(', ');
  if (issue.code !== 'invalid_type') return issue.message;
  return issue.input === undefined ? 'is missing' : `must be ${TYPE_NAMES[issue.expected] ?? issue.expected}`;
}

function describeChoice(input: unknown, values: readonly string[]): string {
  if (input === undefined) return 'is missing';
  return `must be one of ${values.join(', ')}${typeof input === 'string' ? didYouMean(input, values) : ''}`;
}

const secretPatterns: readonly (readonly [kind: string, pattern: RegExp])[] = [
  ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ['a bearer token', /\b(?:Bearer|Basic)\s+[\w~+/.-]{16,}=*/i],
  // RFC 7519: header and claim set are JSON objects, so in base64url both start with the same letters.
  ['a JSON web token', /(?<![\w-])eyJ[\w-]{8,}\.eyJ[\w-]{8,}/],
  ['an AWS key', /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/],
];

/**
 * Finds secrets in the file, which is shared, kept in a repository and displayed. The problems must never
 * repeat the secret. `file` is any value that YAML can hold.
 */
export function pastedSecrets(file: unknown, path: JsonPath = []): PathProblem[] {
  if (typeof file === 'string') {
    const found = secretPatterns.find(([, pattern]) => pattern.test(file));
    if (found === undefined) return [];
    const remedy =
      'put it into .env, which a source can refer to as $NAME, and replace the secret: it has been exposed here';
    return [{ path, problem: `contains ${found[0]}; ${remedy}` }];
  }
  if (Array.isArray(file)) return file.flatMap((item, index) => pastedSecrets(item, [...path, index]));
  if (typeof file !== 'object' || file === null) return [];
  return Object.entries(file).flatMap(([key, member]) => pastedSecrets(member, [...path, key]));
}
