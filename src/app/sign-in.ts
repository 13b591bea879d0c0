/** Wires signing in to the dashboard: the operators file, single sign-on, the access token, and the audit. */

import type { Config } from '../config/config.ts';
import { systemClock } from '../kit/clock.ts';
import { fetchThrough } from '../kit/http/fetch.ts';
import { localUser } from '../kit/local-user.ts';
import type { Logger } from '../kit/logger.ts';
import type { Part } from '../kit/part.ts';
import { startPeriodic } from '../kit/periodic.ts';
import { openOperators } from '../services/operators/operators.ts';
import { makeRefusedSignIns, REFUSALS_FLUSH_MS } from '../services/operators/refused-sign-ins.ts';
import type { Stores } from '../services/stores.ts';
import { makeAccessToken } from '../web/auth/access-token.ts';
import type { Access } from '../web/auth/identity.ts';
import { makeSingleSignOn } from '../web/auth/single-sign-on.ts';
import type { SignInOptions } from '../web/auth/sign-in.ts';

/** Throws a `ConfigError` if the operators file is invalid. `add` receives what must be stopped with the server. */
export async function signInOptions(
  config: Config,
  { sessions, audit }: Stores,
  { add, log }: { add: (part: Part) => void; log: Logger },
): Promise<SignInOptions> {
  const { singleSignOn } = config;
  const refused = makeRefusedSignIns({ audit }, log);
  add(startPeriodic({ name: 'refused sign-ins', everyMs: REFUSALS_FLUSH_MS, work: refused.flush, log }));
  return {
    access: accessTo(config, log),
    ...(singleSignOn !== undefined && {
      sso: makeSingleSignOn({ ...singleSignOn, fetch: fetchThrough(config.proxies) }),
    }),
    sessions,
    secret: await sessions.signingSecret(),
    isHttps: config.http.publicUrl?.startsWith('https:') === true,
    clock: systemClock,
    log,
    recordRefusal: refused.record,
    async recordSignIn({ action, by, from, identity }) {
      log.info({ event: action, by, from });
      const after = identity === undefined ? {} : { after: { ...identity } };
      await audit.append({
        at: systemClock(),
        by,
        via: 'dashboard',
        action,
        target: from,
        reason: '',
        ...after,
      });
    },
  };
}

function accessTo({ files, singleSignOn, http }: Config, log: Logger): Access {
  if (files.operators !== undefined) {
    return { kind: 'operators', operators: openOperators(files.operators, log) };
  }
  if (singleSignOn !== undefined) {
    return { kind: 'operators', operators: { find: () => undefined, anyPasswordHash: () => undefined } };
  }
  const [setting] = http.exposedBy;
  if (setting === undefined) return { kind: 'token', token: makeAccessToken(), name: localUser() };
  return {
    kind: 'off',
    problem: `The dashboard is off: there are no operators, and others may reach this server (${setting}). Set OPERATORS_FILE, e.g. OPERATORS_FILE=./operators.yaml, and run passbridge operators add NAME --role admin; or remove ${setting}.`,
  };
}
