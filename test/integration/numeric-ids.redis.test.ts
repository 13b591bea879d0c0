/** Ids of cards and customers that are numbers in JSON, on every road from Passmachine to Bloomreach and back. */

import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startBridge } from '../support/bridge.ts';
import { startTestCampaign } from '../support/start-campaign.ts';

const customers = ['9007199254740993', '9007199254740995', '4'];

const csv = [
  'registered,first_name,last_name,email,id',
  ...customers.map((id) => `${id},A,B,${id}@example.com,7`),
];

describe.each(['number', 'long-number'] as const)('with Passmachine ids as a %s', (passIds) => {
  it('a card is text in Bloomreach, and is recognized in CSV, JSON Lines and native_json alike', async () => {
    const bridge = await startBridge({ passIds });
    const { sandbox, passbridge, config, programs, waitForEnd } = bridge;
    expect(await bridge.issue(csv.join('\n'))).toMatchObject({ done: 3, writtenBack: 3 });
    const cards = customers.map((id) => sandbox.passes.of(id)[0]?.id ?? '');
    expect(new Set(cards).size).toBe(3);
    expect(
      customers.map((id) => sandbox.customers.properties(`registered:${id}`)?.['passmachine_pass_id']),
    ).toEqual(cards);

    // Bloomreach exports a text of digits as a number.
    const row = (id: string, index: number) => [id, '"A"', '"B"', '"a@example.com"', '7', cards[index] ?? ''];
    const names = ['registered', 'first_name', 'last_name', 'email', 'id', 'passmachine_pass_id'];
    const lines = customers.map((id, index) => {
      const members = row(id, index).map((value, n) => `"${names[n]}":${value}`);
      return `{${members.join(',')}}`;
    });
    const fields = names.map((name, n) =>
      n === 0 ? { type: 'id', id: name } : { type: 'property', property: name },
    );
    const native = `{"success":true,"fields":${JSON.stringify(fields)},"data":[${customers
      .map((id, index) => `[${row(id, index).join(',')}]`)
      .join(',')}]}`;
    const texts = {
      csv: [
        names.join(','),
        ...customers.map((id, index) => row(id, index).join(',').replaceAll('"', '')),
      ].join('\n'),
      jsonl: lines.join('\n'),
      json: native,
    };
    const program = programs.get('loyalty');
    if (program === undefined) throw new Error('no program');
    for (const [ending, text] of Object.entries(texts)) {
      const file = join(tmpdir(), `${config.redis.prefix.replaceAll(/\W/g, '')}.${ending}`);
      await writeFile(file, text);
      const request = { config, program, file, options: {} };
      const issue = await startTestCampaign(passbridge.stores, { ...request, action: 'issue' });
      expect([ending, await waitForEnd(issue)]).toMatchObject([ending, { skippedFor: { 'has-card': 3 } }]);
      const update = await startTestCampaign(passbridge.stores, { ...request, action: 'update' });
      expect([ending, await waitForEnd(update)]).toMatchObject([ending, { done: 3 }]);
    }
    expect(sandbox.passes.size).toBe(3);
    for (const card of cards) expect(sandbox.passes.get(card)?.history).toHaveLength(4);
  });
});
