/** The operators file, reloaded when it changes. */

import { hash } from 'node:crypto';
import { loadOperators, type Operators } from '../../config/operators.ts';
import { fileVersion } from '../../kit/files.ts';
import type { Logger } from '../../kit/logger.ts';
import type { OperatorDirectory } from '../../web/auth/passwords.ts';

/**
 * Opens the operators file and reloads it when it changes. Throws a `ConfigError` if it is invalid at the start. If it
 * becomes invalid later, the error is logged and the previous version stays active.
 */
export function openOperators(file: string, log: Logger): OperatorDirectory {
  let operators: Operators = loadOperators(file);
  let loadedVersion = fileVersion(file);
  const current = (): Operators => {
    const version = fileVersion(file);
    if (version === loadedVersion) return operators;
    loadedVersion = version;
    try {
      operators = loadOperators(file);
      log.info({ event: 'operators.reloaded', operators: operators.size });
    } catch (error) {
      log.error({ event: 'operators.invalid', err: error }, 'the previous operators stay active');
    }
    return operators;
  };
  return {
    find(name) {
      const entry = current().get(name);
      if (entry === undefined) return undefined;
      const { role, password: passwordHash } = entry;
      return { name, role, passwordHash, stamp: hash('sha256', `${role} ${passwordHash}`, 'base64url') };
    },
    anyPasswordHash() {
      const [entry] = current().values();
      return entry?.password;
    },
  };
}
