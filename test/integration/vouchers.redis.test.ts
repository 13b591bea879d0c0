/** Cards with unique voucher codes from a file. */

import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openProcess } from '../../src/app/process.ts';
import { loadProgramsFile } from '../../src/programs/file/programs.ts';
import { readOverview } from '../../src/services/monitoring/overview/overview.ts';
import { systemClock } from '../../src/kit/clock.ts';
import { startBridge } from '../support/bridge.ts';
import { goodCustomers } from '../support/customers.ts';
import { silent } from '../support/make.ts';
import { startTestCampaign } from '../support/start-campaign.ts';

const programs = (pool: string) => `programs:
  gift:
    card: gift
    templateId: t
    vouchers: ${pool}
    create:
      templateVariables: { code: '{{ voucher }}', name: '{{ customer.first_name }}' }
      metadata: { registered: '{{ customer_ids.registered }}' }
    attributes: { card: '{{ webhook.data.id }}', card_code: '{{ voucher }}' }
`;

function codeList(from: number, to: number): string {
  return Array.from({ length: to - from + 1 }, (_, n) => `CODE-${from + n}\n`).join('');
}

/** Starts two workers with a program whose cards have voucher codes. */
async function openVouchers(codes: number, faults: readonly string[] = []) {
  const bridge = await startBridge({ faults });
  const folder = bridge.config.files.dataDir;
  const name = bridge.config.redis.prefix.replaceAll(/\W/g, '');
  const path = join(folder, `${name}.yaml`);
  const pool = `${name}.txt`;
  await writeFile(join(folder, pool), codeList(1, codes));
  await writeFile(path, programs(pool));
  const file = loadProgramsFile(path, 'UTC');
  const config = { ...bridge.config, files: { ...bridge.config.files, programs: path } };
  for (let n = 0; n < 2; n += 1) {
    const passbridge = await openProcess(config, { env: process.env, say: () => {} }, silent);
    onTestFinished(() => passbridge.close());
    await passbridge.startWorker(config, file);
  }
  const { stores } = bridge.passbridge;
  return {
    ...bridge,
    stores,
    file,
    addCodes: (from: number, to: number) => appendFile(join(folder, pool), codeList(from, to)),
    async startRows(rows: number) {
      const program = file.programs.get('gift')!;
      const csv = join(folder, `${name}.csv`);
      await writeFile(csv, goodCustomers(rows));
      return startTestCampaign(stores, { config, program, action: 'issue', file: csv, options: {} });
    },
    codes: () => [...bridge.sandbox.passes.all()].map(({ body }) => /"code":"(.*?)"/.exec(body)?.[1]),
  };
}

describe('cards with voucher codes', () => {
  it('get a unique code each despite retries, and it is written back', async () => {
    const { startRows, waitForEnd, codes, sandbox } = await openVouchers(50, [
      'create:503+0x20',
      'create:429x5',
    ]);
    expect(await waitForEnd(await startRows(40))).toMatchObject({ done: 40 });
    expect(new Set(codes()).size).toBe(40);
    expect(codes().every((code) => /^CODE-\d+$/.test(code ?? ''))).toBe(true);
    const saved = sandbox.customers.properties('registered:c-7');
    const made = sandbox.passes.of('c-7')[0];
    expect(made?.body).toContain(`"code":"${String(saved?.['card_code'])}"`);
    expect(made?.id).toBe(saved?.['card']);
  });

  it('wait with an alert while no code is left, and are issued when codes are added', async () => {
    const { startRows, waitForEnd, find, codes, stores, file, addCodes } = await openVouchers(5);
    const id = await startRows(8);
    await expect.poll(async () => (await find(id)).done).toBe(5);
    const alerts = async () => (await readOverview(stores, systemClock, file)).alerts;
    await expect.poll(alerts).toMatchObject([{ code: 'VOUCHERS_EMPTY' }]);
    expect((await find(id)).pending).toBe(3);
    await addCodes(6, 9);
    expect(await waitForEnd(id)).toMatchObject({ done: 8 });
    expect(new Set(codes()).size).toBe(8);
    expect(await alerts()).toEqual([]);
  });
});
