/** Loads the configuration: environment over `.env` over defaults, frozen, or every problem at once. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import {
  alertSettings,
  bloomreachAccess,
  importSettings,
  passmachineAccount,
  singleSignOn,
  webhookAccess,
} from './access.ts';
import { ConfigError } from './config-error.ts';
import { groupSettings, type Config, type ConfigWith, type Need } from './config.ts';
import { readEnvironment, summarize, type Variables } from './read-environment.ts';

interface LoadOptions<N extends Need> {
  /** The process's own variables; they win over `.env`. */
  env: Variables;
  /** Where `.env` is looked for and relative paths start. */
  cwd: string;
  /** What the command cannot do without. */
  need?: readonly N[];
}

/** Reads the configuration. Throws a {@link ConfigError}. */
export function loadConfig<const N extends Need = never>({
  env,
  cwd,
  need = [],
}: LoadOptions<N>): ConfigWith<N> {
  const needs = new Set<Need>(need);
  const variables = readVariables({ env, cwd });
  const { environment, problems } = readEnvironment(variables);
  const account = passmachineAccount(environment, needs.has('passmachine'));
  const bloomreach = bloomreachAccess(environment, needs.has('bloomreach'));
  const webhook = webhookAccess(environment);
  const imports = importSettings(environment);
  const signOn = singleSignOn(environment);
  const alerts = alertSettings(environment);
  // A setting that could not be read is absent for those who need it: one report of it is enough.
  const unread = new Set(problems.map(settingOf));
  const incomplete = [account, bloomreach, webhook, imports, signOn, alerts].flatMap((part) => part.problems);
  const all = [...problems, ...incomplete.filter((problem) => !unread.has(settingOf(problem)))];
  if (all.length > 0) {
    const isNew = needs.size > 0 && !existsSync(dotEnvOf(cwd));
    throw new ConfigError('The configuration', all, isNew ? NO_DOT_ENV : undefined);
  }

  const config: Config = {
    ...groupSettings(environment, cwd),
    passmachine: {
      url: environment.PASSMACHINE_URL,
      account: account.value,
      tokenLifeMs: environment.PASSMACHINE_TOKEN_LIFE_SECONDS * 1000,
      maxInFlight: environment.PASSMACHINE_MAX_IN_FLIGHT,
      maxPerSecond: environment.PASSMACHINE_MAX_PER_SECOND,
      timeoutMs: environment.PASSMACHINE_TIMEOUT_MS,
    },
    bloomreach: bloomreach.value,
    singleSignOn: signOn.value,
    webhook: webhook.value,
    alerts: alerts.value,
    writeback: {
      maxWaitMs: environment.WRITEBACK_MAX_WAIT_MS,
      batchSize: environment.WRITEBACK_BATCH_SIZE,
      imports: imports.value,
    },
    summary: summarize(variables),
  };
  // What is needed and absent was a problem above.
  return deepFreeze(config) as ConfigWith<N>;
}

/** The process's own variables, and those of `.env` that it lacks. */
export function readVariables({ env, cwd }: Pick<LoadOptions<never>, 'env' | 'cwd'>): Variables {
  return { ...readDotEnv(cwd), ...env };
}

/** Each problem begins with the setting's name. */
function settingOf(problem: string): string | undefined {
  return problem.split(' ')[0];
}

const NO_DOT_ENV = 'There is no .env in this folder: passbridge init asks for what it takes and writes one.';

function dotEnvOf(cwd: string): string {
  return join(cwd, '.env');
}

function readDotEnv(cwd: string): Variables {
  const file = dotEnvOf(cwd);
  return existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
}

function deepFreeze<T extends object>(value: T): T {
  for (const member of Object.values(value)) {
    if (typeof member === 'object' && member !== null) deepFreeze(member);
  }
  return Object.freeze(value);
}
