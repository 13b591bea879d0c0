/** Edits that change nothing are refused, with a sentence that says so. */

import { expect, it } from 'vitest';
import { parseFaultRule } from '../../../src/sandbox/fault-rule.ts';
import { openUnguarded } from '../auth/guarded.ts';

/** Opens a dashboard with two customers whose cards were refused. */
async function openRefused() {
  const opened = await openUnguarded();
  const rule = parseFaultRule('create:422');
  if (rule.ok) opened.sandbox.faults.add(rule.rule);
  const { id } = await opened.issue(
    'registered,first_name,last_name,email,id\na,A,B,a@x.example,1\nb,A,B,b@x.example,2\n',
  );
  const { stores } = opened.passbridge;
  const [cause] = await stores.failures.causes(id);
  const operator = await opened.signedIn();
  const path = `/attention/${cause?.cause.id}`;
  await operator.send(path);
  return {
    id,
    stores,
    path,
    post: (to: string, form: Record<string, string>) => operator.send(to, { method: 'POST', form }),
  };
}

it('offers a rule for application only if it changes a customer, and refuses it otherwise', async () => {
  const { stores, path, post } = await openRefused();
  const same = { attribute: 'first_name', template: '{{ customer.first_name }}' };
  const preview = await post(`${path}/edit`, { ...same, step: 'preview' });
  expect(preview.text).toContain('The rule changes nothing');
  expect(preview.text).not.toContain('value="apply"');
  const previewed = JSON.stringify([same.attribute, same.template]);
  const applied = await post(`${path}/edit`, { ...same, step: 'apply', previewed });
  expect([applied.status, applied.text]).toEqual([409, expect.stringContaining('The rule changes nothing')]);
  expect(await stores.bulkActions.list(10)).toEqual([]);

  const other = await post(`${path}/edit`, { ...same, template: 'Eva', step: 'preview' });
  expect(other.text).toContain('value="apply"');
});

it('refuses the form of one customer in which no value was changed', async () => {
  const { id, stores, path, post } = await openRefused();
  const to = `${path}/edit-one?campaign=${id}&job=${id}-1`;
  const form = { 'attribute.first_name': 'A', reason: 'looked at' };
  const { status, text } = await post(to, form);
  expect([status, text]).toEqual([409, expect.stringContaining('You haven’t changed any value.')]);
  expect(await stores.bulkActions.list(10)).toEqual([]);
});
