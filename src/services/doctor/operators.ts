/** Whether somebody may sign in to the dashboard, and whether others can read who. */

import { statSync } from 'node:fs';
import { ConfigError } from '../../config/config-error.ts';
import type { Config } from '../../config/config.ts';
import { loadOperators } from '../../config/operators.ts';
import { about, type Finding } from './finding.ts';

const ADD = 'Add somebody: passbridge operators add <name> --role admin';

/** Rights of the group and of others. */
const BEYOND_THE_OWNER = 0o077;

export function operatorsFinding({ files, singleSignOn }: Pick<Config, 'files' | 'singleSignOn'>): Finding {
  const { ok, info, warning, error } = about('operators');
  const { operators: file } = files;
  if (file === undefined) {
    return singleSignOn === undefined
      ? info(
          'OPERATORS_FILE is not set: the dashboard is for this machine only',
          `For others: set it, e.g. OPERATORS_FILE=./operators.yaml. ${ADD}`,
        )
      : ok('everybody signs in at the OpenID Connect provider');
  }
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return warning(`${file} is not there: nobody can sign in`, ADD);
  if ((stat.mode & BEYOND_THE_OWNER) !== 0) {
    return warning(`${file} can be read by others on this machine`, `Take that away: chmod 600 ${file}`);
  }
  try {
    const { size } = loadOperators(file);
    return size === 0 ? warning(`${file} is empty: nobody can sign in`, ADD) : ok(`${size} may sign in`);
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown;
    return error(`${file} cannot be used: ${thrown.problems.join('; ')}`, 'Mend or remove what it names.');
  }
}
