/** `passbridge vouchers`: how many codes are left in each pool. */

import { openProcess } from '../../app/process.ts';
import { listVouchers } from '../../services/programs/vouchers.ts';
import { loadConfig } from '../../config/load.ts';
import { loadProgramsFile } from '../../programs/file/programs.ts';
import type { ExitCode } from '../exit-code.ts';
import { host, makeFileLogger, say } from '../output/terminal.ts';

export async function vouchers({ json }: { json: boolean }): Promise<ExitCode> {
  const config = loadConfig({ env: process.env, cwd: process.cwd() });
  const file = loadProgramsFile(config.files.programs, config.campaigns.timeZone);
  const passbridge = await openProcess(config, host, makeFileLogger(config));
  try {
    const pools = await listVouchers(passbridge.stores, file);
    if (json) say(JSON.stringify({ vouchers: pools }));
    else if (pools.length === 0) say('No program names a file of codes: see docs/templates.md.');
    else say(pools.map(({ pool, left, drawn }) => `${pool}: ${left} left, ${drawn} drawn`).join('\n'));
    return 0;
  } finally {
    await passbridge.close();
  }
}
