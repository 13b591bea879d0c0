/** `passbridge reconcile`: settles who has a card after the store was restored. */

import { formatCount, formatNumber } from '../../../domain/presentation/format.ts';
import type { Campaign, SourceEncoding } from '../../../domain/campaigns/campaign.ts';
import type { Reconciled } from '../../../services/backup/reconcile.ts';
import { type DeclareCommand, type ExitCode, localAction, withPassbridge } from '../../command.ts';
import { encodingFlag } from '../../encoding-flag.ts';
import { say } from '../../output/terminal.ts';

interface ReconcileFlags {
  dryRun?: boolean;
  accept?: boolean;
  reason?: string;
  encoding?: SourceEncoding;
  json?: boolean;
}

export const declareReconcile: DeclareCommand = (program, ended) => {
  program
    .command('reconcile')
    .description('after a restored backup, record from a new export who has a card')
    .argument('<program>', 'name of a program in the programs file')
    .argument('[export]', 'all customers that may have a card: a file, or @SOURCE')
    .option('--dry-run', 'only count')
    .addOption(encodingFlag())
    .option('--accept', 'without an export: continue, although customers may get a second card')
    .option('--reason <text>', 'recorded in the audit')
    .option('--json', 'print JSON')
    .action(async (name: string, file: string | undefined, flags: ReconcileFlags) =>
      ended(await reconcile(name, file, flags)),
    );
};

async function reconcile(
  name: string,
  file: string | undefined,
  { dryRun = false, accept = false, reason, encoding, json = false }: ReconcileFlags,
): Promise<ExitCode> {
  if (accept === (file !== undefined)) {
    say('Name an export of the customers, or add --accept to continue without one.');
    return 2;
  }
  const { loadConfig } = await import('../../../config/load.ts');
  const { loadPrograms } = await import('../../../programs/file/programs.ts');
  const { environment } = await import('../../command.ts');
  const { findProgram } = await import('../start-campaign.ts');
  const { resolveInputFile } = await import('../../input-file.ts');
  const service = await import('../../../services/backup/reconcile.ts');
  const config = loadConfig(environment());
  const program = findProgram(loadPrograms(config.files.programs), name);
  const fetched =
    file === undefined
      ? undefined
      : await resolveInputFile(file, {
          config,
          purpose: { program, action: 'reissue', alsoCardDate: true },
          again: true,
        });

  return withPassbridge(['programs'], async ({ stores, file: { programs } }) => {
    const context = localAction(reason);
    let counts: Partial<Reconciled> = {};
    let held: readonly Campaign[] = [];
    if (fetched === undefined) {
      held = await service.acceptRestored(stores, name, context);
    } else {
      const { path, taken } = fetched;
      const { idTypes } = config.customers;
      const request = {
        program: name,
        file: path,
        idTypes,
        encoding,
        exportedAt: taken?.modifiedAt,
        dryRun,
      };
      const found = await service.reconcileCards(stores, request, context);
      ({ held, ...counts } = found);
      if (!json) say(describe(found, dryRun));
    }
    const left = dryRun ? [] : await service.closeIfReconciled(stores, programs.keys());
    if (json) {
      const ids = held.map(({ id }) => id);
      say(
        JSON.stringify({
          program: name,
          dryRun,
          ...counts,
          ...(!dryRun && { held: ids, stillToReconcile: left }),
        }),
      );
      return 0;
    }
    if (dryRun) return 0;
    sayNext(held);
    if (left.length > 0) say(`Still to be reconciled: ${left.join(', ')}`);
    return 0;
  });
}

function describe({ customers, withCard, recorded, unreadable }: Reconciled, dryRun: boolean): string {
  return [
    line(customers, 'customers in the export'),
    line(withCard, 'have a card'),
    line(
      recorded,
      `of them ${dryRun ? 'would be recorded' : 'recorded'}: the restored store did not know their card`,
    ),
    line(customers - withCard, 'have no card'),
    ...(unreadable > 0 ? [line(unreadable, 'rows cannot be read')] : []),
  ].join('\n');
}

function line(count: number, text: string): string {
  return `${formatNumber(count).padStart(11)}  ${text}`;
}

function sayNext(held: readonly Campaign[]): void {
  if (held.length === 0) return say('No campaign of this program is held.');
  const commands = held.map(({ id }) => `  passbridge resume ${id}`);
  say(
    [`${formatCount(held.length, 'campaign is', 'campaigns are')} held. To continue:`, ...commands].join(
      '\n',
    ),
  );
}
