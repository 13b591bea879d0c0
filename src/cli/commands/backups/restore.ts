/** `passbridge restore [file]`: restores a backup, or declares that the data was restored by other means. */

import { resolve } from 'node:path';
import type { Config } from '../../../config/config.ts';
import { type DeclareCommand, environment, type ExitCode, withProcess } from '../../command.ts';
import { host, say } from '../../output/terminal.ts';

export const declareRestore: DeclareCommand = (program, ended) => {
  program
    .command('restore')
    .description('restore a backup into an empty DATA_DIR, and hold campaigns that it would repeat')
    .argument('[file]', 'an archive of `passbridge backup`')
    .option('--declare', 'without a file: Redis or its disk was restored by other means')
    .action(async (file: string | undefined, flags: { declare?: boolean }) =>
      ended(await restore(file, flags)),
    );
};

async function restore(
  file: string | undefined,
  { declare = false }: { declare?: boolean },
): Promise<ExitCode> {
  if (declare === (file !== undefined)) {
    say('Name an archive, or add --declare if the data was restored by other means.');
    return 2;
  }
  const { loadConfig } = await import('../../../config/load.ts');
  const config = loadConfig(environment());
  await (file === undefined ? declareOnly(config) : restoreFile(config, resolve(file)));
  // The first process that opens the store holds the campaigns and says so.
  await withProcess(config, async () => {});
  say(
    'Next: passbridge reconcile PROGRAM EXPORT, then passbridge resume CAMPAIGN. See docs/deployment.md#backups.',
  );
  return 0;
}

async function declareOnly(config: Config): Promise<void> {
  const { declareRestored } = await import('../../../services/backup/declaration.ts');
  await declareRestored(config, {});
}

async function restoreFile(config: Config, path: string): Promise<void> {
  const { restoreBackup } = await import('../../../services/backup/restore-backup.ts');
  const { manifest, configuration } = await restoreBackup(config, path, host);
  say(`Restored the backup of ${new Date(manifest.createdAt).toISOString()} into ${config.files.dataDir}.`);
  if (configuration.length > 0) say(`Its configuration, for comparison: ${configuration.join(', ')}`);
}
