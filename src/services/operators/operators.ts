/** Who may sign in: the operators file as it is now, wherever it was changed. */

import { hash } from 'node:crypto';
import { loadOperators, type Operators } from '../../config/operators.ts';
import { fileVersion } from '../../kit/file-version.ts';
import type { Logger } from '../../kit/logger.ts';
import type { OperatorDirectory } from '../../web/auth/passwords.ts';

/**
 * Reads the file, and again whenever it has changed. Throws a `ConfigError` where it cannot be used
 * at the start; one that breaks later is logged, and whoever could sign in before still can.
 */
export function openOperators(file: string, log: Logger): OperatorDirectory {
  let operators: Operators = loadOperators(file);
  let readAs = fileVersion(file);
  const current = (): Operators => {
    const version = fileVersion(file);
    if (version === readAs) return operators;
    readAs = version;
    try {
      operators = loadOperators(file);
      log.info({ event: 'operators.read', operators: operators.size });
    } catch (error) {
      log.error({ event: 'operators.unreadable', err: error }, 'the operators are those from before');
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
  };
}
