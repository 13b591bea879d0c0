/** zod's issues in the words of someone who wrote the file by hand. */

import type { z } from 'zod';
import type { BodyProblem } from '../template/body.ts';
import { didYouMean } from '../../config/nearest.ts';
import { keysAt } from './program-shape.ts';

const PLAIN_NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  object: 'a map of names and values',
  record: 'a map of names and values',
  array: 'a list',
};

/** One or more problems for an issue. Expects issues that report their input. */
export function shapeProblems(issue: z.core.$ZodIssue): BodyProblem[] {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...path, key],
      problem: `unknown key${didYouMean(key, keysAt(path))}`,
    }));
  }
  return [{ path, problem: sentence(issue) }];
}

function sentence(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value') return oneOf(issue.input, issue.values.map(String));
  if (issue.code === 'invalid_union' && issue.message === 'Invalid input')
    return 'must be text, a number, true, false, null, a list or a map';
  if (issue.code === 'invalid_key') return issue.issues.map(({ message }) => message).join(', ');
  if (issue.code !== 'invalid_type') return issue.message;
  return issue.input === undefined
    ? 'is missing'
    : `must be ${PLAIN_NAMES[issue.expected] ?? issue.expected}`;
}

function oneOf(input: unknown, values: readonly string[]): string {
  if (input === undefined) return 'is missing';
  return `must be one of ${values.join(', ')}${typeof input === 'string' ? didYouMean(input, values) : ''}`;
}
