/** A running passbridge with a dashboard to look at: real processes, a sandbox beside them. */

import { resolve } from 'node:path';
import { readFile } from 'node:fs/promises';
import type { SandboxOptions } from '../../src/sandbox/sandbox.ts';
import { parseFaultRule } from '../../src/sandbox/fault-text.ts';
import { makeDashboardService, printed } from '../support/cli.ts';

interface HouseOptions extends Omit<SandboxOptions, 'faults'> {
  /** Rules as text. */
  faults?: readonly string[];
  env?: Record<string, string>;
}

const schedules = `
schedules:
  nightly:
    program: loyalty
    action: issue
    source: { file: nightly.csv }
    cron: '30 2 * * *'
`;

/** `passbridge up` with the example programs and one schedule, `nightly`, over `nightly.csv` with three customers. */
export async function openHouse({ faults = [], env = {}, ...options }: HouseOptions = {}) {
  const service = await makeDashboardService({ ...options, faults: faults.map(ruleOf) });
  await service.write(
    'programs.yaml',
    (await readFile(resolve('examples/programs.yaml'), 'utf8')) + schedules,
  );
  await service.write('nightly.csv', customers(3, 'n'));
  const settings = { PROGRAMS_FILE: 'programs.yaml', RETRY_DELAYS: '0.1,0.1', UPLOAD_MAX_MB: '20', ...env };
  const up = service.start(['up'], settings);
  const [, url = ''] = await printed(up, /is up at (\S+)/);
  return { ...service, up, url, settings, run: (args: readonly string[]) => service.run(args, settings) };
}

/** An export of customers; `more` may change a row's first name. */
export function customers(
  count: number,
  prefix: string,
  firstName: (row: number) => string = () => 'Žofie',
): string {
  const rows = Array.from(
    { length: count },
    (_, row) => `${prefix}-${row},${firstName(row)},Nováková,${prefix}${row}@house.example,${row}`,
  );
  return ['registered,first_name,last_name,email,id', ...rows, ''].join('\n');
}

function ruleOf(text: string) {
  const parsed = parseFaultRule(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.rule;
}
