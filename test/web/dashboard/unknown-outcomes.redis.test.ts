/** Unknown outcomes have a list of their own. */

import { expect, it } from 'vitest';
import { parseFaultRule } from '../../../src/sandbox/fault-rule.ts';
import { eventually } from '../../support/eventually.ts';
import { openUnguarded } from '../auth/guarded.ts';

it('lists unknown outcomes apart from failures, and links to them from both the campaign and the failures', async () => {
  const { signedIn, sandbox, issue } = await openUnguarded();
  const operator = await signedIn();
  const fault = parseFaultRule('create:reset-after~^b$');
  if (fault.ok) sandbox.faults.add(fault.rule);
  const header = 'registered,first_name,last_name,email,id\n';
  const { id } = await issue(`${header}a,A,B,a@x.example,1\nb,A,B,b@x.example,2\n`);
  const { id: other } = await issue(`${header}c,A,B,c@x.example,3\n`);
  const page = async (path: string) => (await operator.send(path)).text;

  const link = `/attention/unknown?campaign=${id}&amp;code=PM_UNKNOWN_RESET`;
  expect(await page(`/campaigns/${id}`)).toContain(`href="${link}"`);
  const list = await page(link.replace('&amp;', '&'));
  expect(list).toContain(`<h1>Needs attention: PM_UNKNOWN_RESET of ${id}</h1>`);
  expect(list).toMatch(/Create 1 card again/);
  const failures = await page(`/attention?campaign=${id}`);
  expect(failures).toContain('No failures');
  expect(failures).toContain(`href="/attention/unknown?campaign=${id}"`);
  expect(failures).not.toMatch(/Create \d+ card/);
  expect(await page(`/attention/unknown?campaign=${other}`)).toContain('No unknown outcomes.');
});

const header = 'registered,first_name,last_name,email,id\n';

async function openUnknown(fault: string) {
  const opened = await openUnguarded();
  const rule = parseFaultRule(fault);
  if (rule.ok) opened.sandbox.faults.add(rule.rule);
  const { id } = await opened.issue(`${header}a,A,B,a@x.example,1\nb,A,B,b@x.example,2\n`);
  opened.sandbox.faults.clear();
  const [cause] = await opened.passbridge.stores.failures.causes(id);
  const page = await opened.signedIn();
  await page.send(`/attention/${cause?.cause.id}`);
  return { ...opened, id, page, path: `/attention/${cause?.cause.id}/resolve` };
}

it('saves the ids of cards that exist, and shows why others are refused', async () => {
  const { id, page, path, find } = await openUnknown('create:502-after');
  expect((await page.send(path.replace('/resolve', ''))).text).toContain(`name="card:${id}-1"`);
  const form = { [`card:${id}-1`]: 'p-1', [`card:${id}-2`]: 'p 2', reason: 'seen' };
  const { status, text } = await page.send(path, { method: 'POST', form });
  expect(status).toBe(200);
  expect(text).toContain('1 refused');
  expect(text).toContain('the card id has a character other than');
  expect(await find(id)).toMatchObject({ done: 1, unknown: 1 });
  expect((await page.send(path, { method: 'POST', form: { [`card:${id}-2`]: '' } })).status).toBe(400);
});

it('asks before selected cards are created again', async () => {
  const { id, page, path, find, sandbox } = await openUnknown('create:reset-before');
  const form = { action: 'create-again', selected: `${id} ${id}-1` };
  const asked = await page.send(path, { method: 'POST', form });
  expect(asked.text).toContain('They would get a second one.');
  expect(sandbox.passes.size).toBe(0);
  await page.send(path, { method: 'POST', form: { createAgain: 'yes', [`card:${id}-1`]: 'none' } });
  await eventually(async () => expect(await find(id)).toMatchObject({ done: 1, unknown: 1 }));
});

it('warns of second cards before any way of retrying them, also by a form that does not confirm it', async () => {
  const { id, page, path, find, sandbox } = await openUnknown('create:reset-before');
  const cause = path.replace('/resolve', '');
  const warning = 'They would get a second one.';
  const picked = await page.send(`${cause}/selected`, {
    method: 'POST',
    form: { action: 'retry', selected: `${id} ${id}-1` },
  });
  expect(picked.text).toContain(warning);
  const all = await page.send(`${cause}/retry`, { method: 'POST', form: { unknown: 'yes' } });
  expect([all.status, all.headers['location']]).toEqual([303, `${cause}/retry`]);
  const warningPage = await page.send(`${cause}/retry`);
  expect(warningPage.text).toContain(warning);
  expect(warningPage.text).toContain('name="acceptSecondCards" value="yes"');
  expect(await find(id)).toMatchObject({ unknown: 2 });
  expect(sandbox.passes.size).toBe(0);
  await page.send(`${cause}/retry`, { method: 'POST', form: { unknown: 'yes', acceptSecondCards: 'yes' } });
  await eventually(async () => expect(await find(id)).toMatchObject({ done: 2, unknown: 0 }));
});

it('takes a CSV, and can only check it', async () => {
  const { id, page, find } = await openUnknown('create:502-after');
  await page.send('/attention/unknown/resolve');
  const csv = `customer,pass_id\na,p-1\nb,none\nz,p-3\n`;
  const checked = await page.send('/attention/unknown/resolve', {
    method: 'POST',
    form: { csv, action: 'check' },
  });
  expect(checked.text).toContain('Nothing was changed.');
  expect(await find(id)).toMatchObject({ unknown: 2 });
  const asked = await page.send('/attention/unknown/resolve', { method: 'POST', form: { csv } });
  expect(asked.text).toContain('<h1>Create 1 card again?</h1>');
  expect(asked.text).toContain('They would get a second one.');
  expect(await find(id)).toMatchObject({ unknown: 2 });
  const { text } = await page.send('/attention/unknown/resolve', {
    method: 'POST',
    form: { csv, createAgain: 'yes' },
  });
  expect(text).toContain('1 refused');
  await eventually(async () => expect(await find(id)).toMatchObject({ done: 2, unknown: 0 }));
  const refused = await page.send('/attention/unknown/resolve', { method: 'POST', form: { csv: 'x' } });
  expect(refused.text).toContain('needs a header with pass_id');
});
