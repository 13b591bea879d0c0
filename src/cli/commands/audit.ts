/** `passbridge audit` and `passbridge audit verify`. */

import type { AuditEntry, AuditQuery } from '../../domain/operators/audit-entry.ts';
import { formatCount } from '../../domain/presentation/format.ts';
import type { Stores } from '../../services/stores.ts';
import { type DeclareCommand, type ExitCode, withPassbridge } from '../command.ts';
import { atLeastOne, entryHash } from '../flag-values.ts';
import { describeEntries } from '../output/audit-entries.ts';
import { say } from '../output/terminal.ts';

interface ListFlags {
  target?: string;
  by?: string;
  limit: number;
  json?: boolean;
}

export const declareAudit: DeclareCommand = (program, ended) => {
  const audit = program.command('audit').description('show who changed what, when and why');

  audit
    .command('list', { isDefault: true })
    .description('list changes made by operators, newest first')
    .option('--target <id>', 'only changes of this, e.g. the id of a campaign')
    .option('--by <name>', 'only changes made by this operator')
    .option('--limit <n>', 'show at most this many entries', atLeastOne, 50)
    .option('--json', 'print JSON')
    .action(async (flags: ListFlags) => ended(await list(flags)));

  audit
    .command('verify')
    .description('check that no entry was changed, removed or inserted')
    .option(
      '--expect <hash>',
      'also check that the chain contains this head, recorded earlier; detects a truncated or rewritten chain',
      entryHash,
    )
    .option('--json', 'print JSON')
    .action(async ({ expect, json }: { expect?: string; json?: boolean }) =>
      ended(await verify(expect, json === true)),
    );
};

function list({ json, ...query }: ListFlags): Promise<ExitCode> {
  return withPassbridge([], async ({ stores }) => {
    const entries = await newestEntries(stores.audit, query);
    say(json === true ? JSON.stringify({ entries }) : describeEntries(entries));
    return 0;
  });
}

/** Ends with 1 if the chain was tampered with. */
function verify(expected: string | undefined, json: boolean): Promise<ExitCode> {
  return withPassbridge([], async ({ stores }) => {
    const verdict = await stores.audit.verify(expected);
    if (json) {
      say(JSON.stringify(verdict));
      return verdict.ok ? 0 : 1;
    }
    if (verdict.ok) {
      const { entries, head } = verdict;
      say(
        entries === 0
          ? 'No entries yet.'
          : `${formatCount(entries, 'entry', 'entries')}, unbroken. Head: ${head}`,
      );
      return 0;
    }
    const index = verdict.n === undefined ? '' : ` at entry ${verdict.n}`;
    say(`The audit is broken${index}: ${verdict.problem}.`);
    return 1;
  });
}

async function newestEntries(
  audit: Stores['audit'],
  { limit, ...filter }: AuditQuery,
): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = [];
  let before: number | undefined;
  do {
    const page = await audit.page({ ...filter, before, limit: limit - entries.length });
    entries.push(...page.entries);
    before = page.next;
  } while (before !== undefined && entries.length < limit);
  return entries;
}
