/** What may or may not have been made has a list of its own, and every way there leads to it. */

import { expect, it } from 'vitest';
import { parseFaultRule } from '../../../src/sandbox/fault-text.ts';
import { openUnguarded } from '../auth/guarded.ts';

it('an unknown outcome is found from its campaign, and among failures only as a link', async () => {
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
  expect(list).toMatch(/Repeat all 1/);
  const failures = await page(`/failures?campaign=${id}`);
  expect(failures).toContain('Nothing failed.');
  expect(failures).toContain(`href="/unknown?campaign=${id}"`);
  expect(failures).not.toMatch(/Repeat all/);
  expect(await page(`/unknown?campaign=${other}`)).toContain('There are none.');
});
