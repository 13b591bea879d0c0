/**
 * Loads the configuration: the environment over `.env` over defaults, with every problem in one report. It is
 * read once per process; only the programs file and the operators file are reloaded when they change.
 */

import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { problemOf } from '../kit/runtime/system-error.ts';
import { decodeText } from '../kit/text/decode-text.ts';
import {
  alertSettings,
  bloomreachAccess,
  importSettings,
  passmachineAccount,
  singleSignOn,
  webhookAccess,
} from './access.ts';
import { ConfigError } from './config-error.ts';
import { cutValues } from './dot-env.ts';
import { settings } from './environment.ts';
import { type Config, type ConfigWith, groupSettings, type Need } from './config.ts';
import { readEnvironment, summarize, type Variables } from './read-environment.ts';

interface LoadOptions<N extends Need> {
  /** The variables of the process; they override `.env`. */
  env: Variables;
  /** Folder of `.env`, and base of relative paths. */
  cwd: string;
  /** Upstreams whose credentials the command cannot run without. */
  need?: readonly N[];
}

/** Returns the configuration, frozen. Throws a {@link ConfigError}. */
export function loadConfig<const N extends Need = never>({
  env,
  cwd,
  need = [],
}: LoadOptions<N>): ConfigWith<N> {
  const needs = new Set<Need>(need);
  const text = dotEnvText(cwd);
  const inFile = parseEnv(text);
  const variables: Variables = { ...inFile, ...env };
  const { environment, problems: invalid } = readEnvironment(variables, new Set(Object.keys(inFile)));
  const problems = [...invalid, ...cutValues(text, env)];
  const groups = {
    account: passmachineAccount(environment, needs.has('passmachine')),
    bloomreach: bloomreachAccess(environment, needs.has('bloomreach')),
    webhook: webhookAccess(environment),
    imports: importSettings(environment),
    singleSignOn: singleSignOn(environment),
    alerts: alertSettings(environment),
  };
  // A setting that could not be parsed also looks absent: report it once.
  const reported = new Set(problems.flatMap((problem) => settingsIn(problem)[0] ?? []));
  const incomplete = Object.values(groups).flatMap((group) => group.problems);
  const all = [
    ...problems,
    ...incomplete.filter((problem) => !settingsIn(problem).some((name) => reported.has(name))),
  ];
  if (all.length > 0) {
    const isNew = needs.size > 0 && !existsSync(dotEnvIn(cwd));
    throw new ConfigError('The configuration', all, isNew ? RUN_INIT : undefined);
  }

  const config: Config = {
    ...groupSettings(environment, cwd, join(stateHome(variables), 'passbridge')),
    passmachine: {
      url: environment.PASSMACHINE_URL,
      account: groups.account.value,
      tokenLifeMs: environment.PASSMACHINE_TOKEN_LIFE_SECONDS * 1000,
      maxInFlight: environment.PASSMACHINE_MAX_IN_FLIGHT,
      maxPerSecond: environment.PASSMACHINE_MAX_PER_SECOND,
      timeoutMs: environment.PASSMACHINE_TIMEOUT_MS,
    },
    bloomreach: groups.bloomreach.value,
    singleSignOn: groups.singleSignOn.value,
    webhook: groups.webhook.value,
    alerts: groups.alerts.value,
    writeback: {
      maxWaitMs: environment.WRITEBACK_MAX_WAIT_MS,
      batchSize: environment.WRITEBACK_BATCH_SIZE,
      imports: groups.imports.value,
    },
    summary: summarize(variables),
  };
  // A missing need was reported above.
  return deepFreeze(config) as ConfigWith<N>;
}

/** Returns the variables of `.env`, overridden by those of the process. */
export function readVariables({ env, cwd }: Pick<LoadOptions<never>, 'env' | 'cwd'>): Variables {
  return { ...parseEnv(dotEnvText(cwd)), ...env };
}

/**
 * Returns the names in `.env` that are no settings. They may be secrets of sources, settings of the tools around
 * passbridge, or typing errors that are too far from any setting.
 */
export function unknownInFile(cwd: string): string[] {
  const known = new Set<string>(Object.keys(settings));
  return Object.keys(parseEnv(dotEnvText(cwd))).filter(
    (name) => !known.has(name) && !ofOtherPrograms.test(name),
  );
}

/** Variables that Node, its tools and the libraries of passbridge read. */
const ofOtherPrograms =
  /^(?:NODE_|NPM_|OTEL_|PM2_|UV_|AWS_|SSL_|XDG_|LC_|COMPOSE_|DOCKER_|[a-z])|^(?:TZ|LANG|PATH|HOME|TMPDIR)$/;

/** Returns the words in capitals of a problem. The first is the setting that it is about. */
function settingsIn(problem: string): string[] {
  return problem.match(/\b[A-Z][A-Z\d_]{2,}\b/g) ?? [];
}

/** https://specifications.freedesktop.org/basedir-spec/latest/ */
function stateHome(variables: Variables): string {
  return variables['XDG_STATE_HOME'] || join(variables['HOME'] || homedir(), '.local', 'state');
}

const RUN_INIT = 'This folder has no .env: run passbridge init, which asks for the settings and writes it.';

function dotEnvIn(folder: string): string {
  return join(folder, '.env');
}

/** Returns an empty text if there is no `.env`. Throws a {@link ConfigError} if the file is not text. */
function dotEnvText(folder: string): string {
  const file = dotEnvIn(folder);
  if (!existsSync(file)) return '';
  const decoded = decodeText(readDotEnv(file));
  if (decoded.ok) return decoded.text;
  throw new ConfigError('The configuration', [`.env:${decoded.line}: ${decoded.problem}`]);
}

/** Throws a {@link ConfigError} if the file belongs to another user, or is a folder. */
function readDotEnv(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const remedy = 'Give this user the right to read the file, or remove it.';
    throw new ConfigError('The configuration', [`.env cannot be read: ${problemOf(error, file)}`], remedy);
  }
}

function deepFreeze<T extends object>(value: T): T {
  for (const member of Object.values(value)) {
    if (typeof member === 'object' && member !== null) deepFreeze(member);
  }
  return Object.freeze(value);
}
