/** `passbridge backup <file>`: saves Redis and the files that belong to it, while passbridge runs. */

import { resolve } from 'node:path';
import { formatCount } from '../../../domain/presentation/format.ts';
import { type DeclareCommand, type ExitCode, withPassbridge } from '../../command.ts';
import { say } from '../../output/terminal.ts';

export const declareBackup: DeclareCommand = (program, ended) => {
  program
    .command('backup')
    .description('save Redis and the files of campaigns to one archive, while passbridge runs')
    .argument('<file>', 'the archive to write')
    .option('--json', 'print JSON')
    .action(async (file: string, { json }: { json?: boolean }) => ended(await backup(file, json === true)));
};

async function backup(file: string, json: boolean): Promise<ExitCode> {
  const { systemClock } = await import('../../../kit/clock.ts');
  const { makeBackup } = await import('../../../services/backup/make-backup.ts');
  return withPassbridge([], async ({ stores, config }) => {
    const path = resolve(file);
    const { size, redis, files } = await makeBackup(stores, config, path, systemClock());
    if (json) {
      say(JSON.stringify({ file: path, bytes: size, redisBytes: redis, files }));
      return 0;
    }
    say(`${path}: ${megabytes(size)}, of it Redis ${megabytes(redis)}, and ${formatCount(files, 'file')}.`);
    say('It contains personal data and is readable by this user only.');
    return 0;
  });
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
