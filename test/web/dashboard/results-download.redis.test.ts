/** Downloads of rows: a CSV for spreadsheets, in which nothing runs, and an exact one; both can be sent again. */

import { parse } from 'csv-parse/sync';
import { expect, it } from 'vitest';
import { openGuarded } from '../auth/guarded.ts';
import { basic } from '../auth/guarded-scope.ts';

const hostile = [
  '=HYPERLINK("http://evil.example","card")',
  '@SUM(1+1)',
  '=cmd()',
  '+420777123456',
  '-1+1',
  '\t=1',
  'a;=1',
];

function quote(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

function namesIn(csv: string): (string | undefined)[] {
  return parse<Record<string, string>>(csv, { columns: true, bom: true }).map((row) => row['first_name']);
}

it('marks what a spreadsheet could run, and reads it back as it was', async () => {
  const { server, run, start, waitForEnd, sandbox } = await openGuarded();
  sandbox.faults.add({ target: 'create', fault: 422 });
  const rows = hostile.map((text, index) => `c-${index},${quote(text)},B,a@x.example,1`);
  const { id } = await run('issue', `registered,first_name,last_name,email,id\n${rows.join('\n')}\n`);

  const download = async (path: string) => {
    const answer = await fetch(server.url + path, { headers: basic('operator') });
    expect([path, answer.status]).toEqual([path, 200]);
    return { text: await answer.text(), type: answer.headers.get('content-type') };
  };

  const opened = await download(`/campaigns/${id}/results?states=rejected`);
  expect(opened.type).toBe('text/csv; charset=utf-8');
  expect(namesIn(opened.text)).toEqual(
    hostile.map((text) => (text === 'a;=1' ? "a;'=1" : text === '\t=1' ? "'\t'=1" : `'${text}`)),
  );
  for (const cells of parse(opened.text, { bom: true })) {
    for (const cell of cells) expect(cell).not.toMatch(/^[" ]*[=+\-@\t\r]/);
  }
  expect(await download(`/api/campaigns/${id}/results?cells=spreadsheet`)).toEqual(opened);

  const exact = await download(`/campaigns/${id}/results?states=rejected&cells=exact`);
  expect(namesIn(exact.text)).toEqual(hostile);
  expect(await download(`/api/campaigns/${id}/results`)).toEqual(exact);

  for (const { text } of [opened, exact]) {
    const again = await waitForEnd(await start('issue', text));
    expect(again).toMatchObject({ rows: hostile.length, rejected: hostile.length });
    expect(namesIn((await download(`/api/campaigns/${again.id}/results`)).text)).toEqual(hostile);
  }
});

it('refuses other cells, and viewers', async () => {
  const { server, issue } = await openGuarded();
  const { id } = await issue('registered,first_name,last_name,email,id\na,A,B,a@x.example,1\n');
  for (const path of [`/campaigns/${id}/results?cells=raw`, `/api/campaigns/${id}/results?cells=raw`]) {
    expect([path, (await fetch(server.url + path, { headers: basic('operator') })).status]).toEqual([
      path,
      400,
    ]);
  }
  const path = `/api/campaigns/${id}/results`;
  expect((await fetch(server.url + path, { headers: basic('viewer') })).status).toBe(403);
  expect(
    (await fetch(`${server.url}/api/campaigns/gone/results`, { headers: basic('operator') })).status,
  ).toBe(409);
});
