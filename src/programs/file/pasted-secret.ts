/** Secrets that were written into the programs file, which is shared, kept in a repository and shown. */

import type { BodyPath, BodyProblem } from '../template/body.ts';

/** What secrets look like, by what they are. */
const looks: readonly (readonly [what: string, look: RegExp])[] = [
  ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ['a bearer token', /\b(?:Bearer|Basic)\s+[\w~+/.-]{16,}=*/i],
  // RFC 7519: a header and a claim set, both JSON, so both begin with the same letters.
  ['a JSON web token', /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}/],
  ['a key of AWS', /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/],
];

/** Each is named with its place and never repeated. `file` is whatever the YAML held. */
export function pastedSecrets(file: unknown, path: BodyPath = []): BodyProblem[] {
  if (typeof file === 'string') {
    const found = looks.find(([, look]) => look.test(file));
    if (found === undefined) return [];
    const remedy =
      'put it into .env, which this file can name as $NAME where a source needs it, and have a new one made: this one was written down';
    return [{ path, problem: `holds ${found[0]}; ${remedy}` }];
  }
  if (Array.isArray(file)) return file.flatMap((item, index) => pastedSecrets(item, [...path, index]));
  if (typeof file !== 'object' || file === null) return [];
  return Object.entries(file).flatMap(([key, member]) => pastedSecrets(member, [...path, key]));
}
