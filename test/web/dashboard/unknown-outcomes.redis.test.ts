/** Unknown outcomes have a list of their own. */

import { expect, it } from 'vitest';
import { parseFaultRule } from '../../../src/sandbox/fault-rule.ts';
import { openUnguarded } from '../auth/guarded.ts';

it('lists unknown outcomes apart from failures, and links to them from both the campaign and the failures', async () => {
  const { browser, sandbox, issue } = await openUnguarded();
  const fault = parseFaultRule('create:reset-after~^b$');
  if (fault.ok) sandbox.faults.add(fault.rule);
  const header = 'registered,first_name,last_name,email,id\n';
  const { id } = await issue(`${header}a,A,B,a@x.example,1\nb,A,B,b@x.example,2\n`);
  const { id: other } = await issue(`${header}c,A,B,c@x.example,3\n`);
  const page = async (path: string) => (await browser().send(path)).text;

  const link = `/unknown?campaign=${id}&amp;code=PM_UNKNOWN_RESET`;
  expect(await page(`/campaigns/${id}`)).toContain(`href="${link}"`);
  const list = await page(link.replace('&amp;', '&'));
  expect(list).toContain(`Unknown outcomes: PM_UNKNOWN_RESET of ${id}`);
  expect(list).toMatch(/Create 1 card again/);
  const failures = await page(`/failures?campaign=${id}`);
  expect(failures).toContain('No failures');
  expect(failures).toContain(`href="/unknown?campaign=${id}"`);
  expect(failures).not.toMatch(/Create \d+ card/);
  expect(await page(`/unknown?campaign=${other}`)).toContain('No unknown outcomes.');
});
