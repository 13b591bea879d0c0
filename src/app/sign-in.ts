/** Wires signing in to the dashboard: the operators file, single sign-on, and the audit. */

import type { Config } from '../config/config.ts';
import { systemClock } from '../kit/clock.ts';
import { fetchThrough } from '../kit/http/fetch.ts';
import type { Logger } from '../kit/logger.ts';
import type { OperatorDirectory } from '../web/auth/passwords.ts';
import { makeSingleSignOn } from '../web/auth/single-sign-on.ts';
import type { SignInOptions } from '../web/auth/sign-in.ts';
import { localUser } from '../kit/local-user.ts';
import { openOperators } from '../services/operators/operators.ts';
import type { Stores } from '../services/stores.ts';

/** Throws a `ConfigError` if the operators file is invalid. */
export async function signInOptions(
  config: Config,
  { sessions, audit }: Stores,
  log: Logger,
): Promise<SignInOptions> {
  const { singleSignOn } = config;
  return {
    operators: directoryOf(config, log),
    ...(singleSignOn !== undefined && {
      sso: makeSingleSignOn({ ...singleSignOn, fetch: fetchThrough(config.proxies) }),
    }),
    localName: localUser(),
    sessions,
    secret: await sessions.signingSecret(),
    isHttps: config.http.publicUrl?.startsWith('https:') === true,
    clock: systemClock,
    log,
    async recordSignIn({ action, by, from }) {
      log.info({ event: action, by, from });
      await audit.append({ at: systemClock(), by, via: 'dashboard', action, target: from, reason: '' });
    },
  };
}

/** Undefined if no one can sign in; empty if everyone signs in at the OpenID Connect provider. */
function directoryOf({ files, singleSignOn }: Config, log: Logger): OperatorDirectory | undefined {
  if (files.operators !== undefined) return openOperators(files.operators, log);
  return singleSignOn === undefined ? undefined : { find: () => undefined, anyPasswordHash: () => undefined };
}
