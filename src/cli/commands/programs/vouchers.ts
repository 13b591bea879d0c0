/** `passbridge vouchers`: the number of codes left in each pool. */

import { type DeclareCommand, type ExitCode, withPassbridge } from '../../command.ts';
import { say } from '../../output/terminal.ts';

export const declareVouchers: DeclareCommand = (program, ended) => {
  program
    .command('vouchers')
    .description('show how many voucher codes are left in each file')
    .option('--json', 'print JSON')
    .action(async (flags: { json?: boolean }) => ended(await vouchers(flags)));
};

async function vouchers({ json }: { json?: boolean }): Promise<ExitCode> {
  const { listVouchers } = await import('../../../services/programs/vouchers.ts');
  return withPassbridge(['programs'], async ({ stores, file }) => {
    const pools = await listVouchers(stores, file);
    if (json === true) say(JSON.stringify({ vouchers: pools }));
    else if (pools.length === 0) say('No program uses a file of voucher codes. See docs/templates.md.');
    else say(pools.map(({ pool, left, drawn }) => `${pool}: ${left} left, ${drawn} drawn`).join('\n'));
    return 0;
  });
}
