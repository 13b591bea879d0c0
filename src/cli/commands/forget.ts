/** `passbridge forget <customer>`: erases a customer's personal data and reports what was erased. */

import type { Config } from '../../config/config.ts';
import { systemClock } from '../../kit/clock.ts';
import type { FileOfCustomer } from '../../services/customers/erasure/customer-files.ts';
import type { ToForget } from '../../services/customers/erasure/forget.ts';
import type { Stores } from '../../services/stores.ts';
import { type DeclareCommand, type ExitCode, localAction, withPassbridge } from '../command.ts';
import { describeForgotten, describeToForget } from '../output/erasure-report.ts';
import { host, say } from '../output/terminal.ts';
import { canAsk, confirm } from '../prompt/prompt.ts';

interface ForgetFlags {
  yes?: boolean;
  alsoCardMarkers?: boolean;
  files?: boolean;
  reason?: string;
  json?: boolean;
}

export const declareForget: DeclareCommand = (program, ended) => {
  program
    .command('forget')
    .description('erase all personal data of a customer from passbridge')
    .argument('<customer>', 'e-mail, customer id or card id')
    .option('--yes', 'do not ask for confirmation')
    .option(
      '--also-card-markers',
      'also erase the record that they have a card; a later campaign may then issue a second one',
    )
    .option(
      '--files',
      'also delete downloaded and uploaded files with their data, unless a campaign needs them',
    )
    .option('--reason <text>', 'recorded in the audit for good; do not name the customer')
    .option('--json', 'print JSON')
    .action(async (text: string, flags: ForgetFlags) => ended(await forget(text, flags)));
};

/** Ends with 1 if some records were in use: the command must be run again. */
async function forget(text: string, { yes, json, reason, ...flags }: ForgetFlags): Promise<ExitCode> {
  if (yes !== true && !canAsk()) {
    host.say('Erasing cannot be undone, and there is no terminal to confirm it. Add --yes to erase.');
    return 2;
  }
  const erasure = await import('../../services/customers/erasure/forget.ts');
  const { findWhatRemains } = await import('../../services/customers/erasure/what-remains.ts');
  const { eraseFromJournals } = await import('../../services/backup/erase-from-journals.ts');
  return withPassbridge([], async ({ config, stores }) => {
    const found = await erasure.findCustomerToForget(stores, text, config.customers.idTypes);
    if (yes !== true && !(await confirm(`${describeToForget(text, found)} Erase it for good?`))) return 0;
    const files = flags.files === true;
    const { erased, busy } = await erasure.forget(stores, found, {
      ...localAction(reason),
      alsoCardMarkers: flags.alsoCardMarkers === true,
      files,
    });
    const alsoCardMarkers = flags.alsoCardMarkers === true;
    const report = {
      customer: found.customer ?? text,
      erased,
      busy,
      journalLines: await eraseFromJournals(config.files.storeMarkDir, found.query),
      files: await handleFiles(stores, config, { found, remove: files }),
      remains: await findWhatRemains(stores, config, found, { alsoCardMarkers }),
      rewritten: await rewriteAppendOnlyFile(stores, config),
    };
    say(json === true ? JSON.stringify(report) : describeForgotten(report, config));
    return busy === 0 ? 0 : 1;
  });
}

/** Finds the files that hold the customer's row, and deletes those that it may. */
async function handleFiles(
  stores: Stores,
  config: Config,
  { found: { query }, remove }: { found: ToForget; remove: boolean },
): Promise<(FileOfCustomer & { deleted: boolean })[]> {
  const { removeFile } = await import('../../services/campaigns/files/file-sweep.ts');
  const { findFiles, isDeletable } = await import('../../services/customers/erasure/customer-files.ts');
  const files = await findFiles(stores, config, { query, now: systemClock() });
  const deletable = remove ? files.filter(isDeletable) : [];
  await Promise.all(deletable.map(removeFile));
  return files.map((file) => Object.assign(file, { deleted: deletable.includes(file) }));
}

/**
 * Erased data remains in Redis's append-only file until it is rewritten. Rewrites that of the private
 * Redis; for any other Redis that is up to its operator. Returns whether a rewrite was started.
 */
async function rewriteAppendOnlyFile({ redis }: Stores, config: Config): Promise<boolean> {
  if (config.redis.address !== undefined) return false;
  // Redis refuses while a rewrite is in progress.
  return redis.bgrewriteaof().then(
    () => true,
    () => false,
  );
}
