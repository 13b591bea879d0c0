/** `passbridge audit` and `passbridge audit verify`: what people changed, and whether the record of it is whole. */

import { openProcess } from '../../app/process.ts';
import type { Stores } from '../../services/stores.ts';
import { loadConfig } from '../../config/load.ts';
import type { AuditEntry, AuditQuery } from '../../domain/operators/audit-entry.ts';
import { describeEntries } from '../output/audit-text.ts';
import type { ExitCode } from '../exit-code.ts';
import { host, makeFileLogger, say } from '../output/terminal.ts';

type Audit = Stores['audit'];

interface ListOptions extends Omit<AuditQuery, 'before'> {
  json: boolean;
}

/** The newest entries that fit. */
export function list({ json, ...wanted }: ListOptions): Promise<ExitCode> {
  return atAudit(async (audit) => {
    const entries = await newest(audit, wanted);
    say(json ? JSON.stringify({ entries }) : describeEntries(entries));
    return 0;
  });
}

/** Ends in 1 where the chain is not what was written. */
export function verify(expected: string | undefined): Promise<ExitCode> {
  return atAudit(async (audit) => {
    const found = await audit.verify(expected);
    if (found.ok) {
      const { entries, head } = found;
      const count = `${entries.toLocaleString('en')} ${entries === 1 ? 'entry' : 'entries'}`;
      say(entries === 0 ? 'No entry yet.' : `${count}, unbroken. Head: ${head}`);
      return 0;
    }
    const place = found.n === undefined ? '' : ` at entry ${found.n}`;
    say(`The audit is broken${place}: ${found.problem}.`);
    return 1;
  });
}

async function newest(audit: Audit, { limit, ...filter }: AuditQuery): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = [];
  let before: number | undefined;
  do {
    const page = await audit.page({ ...filter, before, limit: limit - entries.length });
    entries.push(...page.entries);
    before = page.next;
  } while (before !== undefined && entries.length < limit);
  return entries;
}

async function atAudit(work: (audit: Audit) => Promise<ExitCode>): Promise<ExitCode> {
  const config = loadConfig({ env: process.env, cwd: process.cwd() });
  const passbridge = await openProcess(config, host, makeFileLogger(config));
  try {
    return await work(passbridge.stores.audit);
  } finally {
    await passbridge.close();
  }
}
