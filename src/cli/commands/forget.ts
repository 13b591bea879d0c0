/** `passbridge forget <customer>`: erases a person from everything that is kept, and says what it removed. */

import {
  deleteFile,
  type FileOfCustomer,
  findFiles,
  isDeletable,
} from '../../services/customers/erasure/find-files.ts';
import {
  forget as forgetCustomer,
  type ToForget,
  whomToForget,
} from '../../services/customers/erasure/forget.ts';
import { openProcess } from '../../app/process.ts';
import type { Stores } from '../../services/stores.ts';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import { localAction } from './act.ts';
import { confirm, canAsk } from '../prompt/confirm.ts';
import type { ExitCode } from '../exit-code.ts';
import { describeForgotten, describeToForget } from '../output/forget-text.ts';
import { host, makeFileLogger, say } from '../output/terminal.ts';

export interface ForgetFlags {
  /** Without a question. */
  yes: boolean;
  alsoMarks: boolean;
  /** Deletes fetched and uploaded files that hold them and that no campaign needs. */
  files: boolean;
  reason: string | undefined;
  json: boolean;
}

/** Ends in 1 where something was being sent and is to be forgotten by another try. */
export async function forget(text: string, flags: ForgetFlags): Promise<ExitCode> {
  const { yes, alsoMarks, json } = flags;
  if (!yes && !canAsk()) {
    host.say('It cannot be undone, and nobody can be asked here: say --yes.');
    return 2;
  }
  const config = loadConfig({ env: process.env, cwd: process.cwd() });
  const passbridge = await openProcess(config, host, makeFileLogger(config));
  const { stores } = passbridge;
  try {
    const found = await whomToForget(stores, text, config.customers.idTypes);
    if (!yes && !(await confirm(`${describeToForget(text, found)} Erase it for good?`))) return 0;
    const act = { ...localAction(flags.reason), alsoMarks, files: flags.files };
    const { erased, busy } = await forgetCustomer(stores, found, act);
    const files = await dealWithFiles(stores, config, { found, remove: flags.files });
    const rewritten = await rewriteLog(stores, config);
    const report = { customer: found.customer ?? text, erased, busy, files, rewritten };
    say(json ? JSON.stringify(report) : describeForgotten(report, config));
    return busy === 0 ? 0 : 1;
  } finally {
    await passbridge.close();
  }
}

async function dealWithFiles(
  stores: Stores,
  config: Config,
  { found: { who }, remove }: { found: ToForget; remove: boolean },
): Promise<(FileOfCustomer & { deleted: boolean })[]> {
  const files = await findFiles(stores, config, { who, now: Date.now() });
  const deletable = remove ? files.filter(isDeletable) : [];
  await Promise.all(deletable.map(deleteFile));
  return files.map((file) => Object.assign(file, { deleted: deletable.includes(file) }));
}

/**
 * What was erased still stands in Redis' log of changes until that is written anew. Ours is at once;
 * whether and when another one's is, is for whoever runs it to say.
 */
async function rewriteLog({ redis }: Stores, config: Config): Promise<boolean> {
  if (config.redis.address !== undefined) return false;
  // It refuses while it does so anyway.
  return redis.bgrewriteaof().then(
    () => true,
    () => false,
  );
}
