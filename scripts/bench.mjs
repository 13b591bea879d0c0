/**
 * Runs one benchmark. `npm run bench -- --help` lists them.
 *
 *     npm run bench -- race --quick
 */

import { parseCommand, UsageError } from './bench/commands.mjs';

/**
 * Loaded on demand, because each needs a build. `run` sets the exit code to 1 if a target is missed.
 * @type {Record<string, () => Promise<{ run: (values: any) => Promise<void> }>>}
 */
const modules = {
  race: () => import('./bench/race.mjs'),
  campaign: () => import('./bench/campaign.mjs'),
  webhooks: () => import('./bench/webhooks.mjs'),
  export: () => import('./bench/export.mjs'),
  dashboard: () => import('./bench/dashboard.mjs'),
  profile: () => import('./bench/profile.mjs'),
};

try {
  const command = parseCommand(process.argv.slice(2));
  if (command.help === undefined) {
    const benchmark = await modules[command.name]?.();
    await benchmark?.run(command.values);
  } else {
    process.stdout.write(`${command.help}\n`);
  }
} catch (error) {
  if (!isUsageError(error)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}

/** @returns {error is Error} */
function isUsageError(/** @type {unknown} */ error) {
  return error instanceof UsageError || (error instanceof TypeError && 'code' in error);
}
