import { expect, test } from 'vitest';
import { parseFaultRule } from '../../src/sandbox/fault-rule.ts';

test.each([
  ['create:500', { target: 'create', fault: 500 }],
  ['create:500x3', { target: 'create', fault: 500, times: 3 }],
  ['create:429+2@5%', { target: 'create', fault: { status: 429, retryAfter: 2 }, rate: 0.05 }],
  ['batch:429+0.5', { target: 'batch', fault: { status: 429, retryAfter: 0.5 } }],
  ['patch:404~c-0017', { target: 'patch', fault: 404, match: 'c-0017' }],
  ['create:422~^a@x:1/2%$', { target: 'create', fault: 422, match: '^a@x:1/2%$' }],
  ['create:hang', { target: 'create', fault: 'hang-before' }],
  ['passmachine:hang-afterx2/10@50%~x', hangAfter()],
  ['bloomreach:reset-before', { target: 'bloomreach', fault: 'reset-before' }],
  ['batch:broken-json/1', { target: 'batch', fault: 'broken-json', skip: 1 }],
  ['export:cut-midwayx2', { target: 'export', fault: 'cut-midway', times: 2 }],
  ['create:502-after@5%', { target: 'create', fault: '502-after', rate: 0.05 }],
  ['create:html-afterx2', { target: 'create', fault: 'html-after', times: 2 }],
  ['create:truncated-2xx', { target: 'create', fault: 'truncated-2xx' }],
  ['create:truncated-2xxx3', { target: 'create', fault: 'truncated-2xx', times: 3 }],
  ['create:200~c-1', { target: 'create', fault: 200, match: 'c-1' }],
  ['command:refuse~c-9', { target: 'command', fault: { refuse: ['refused by the sandbox'] }, match: 'c-9' }],
])('parses %s', (text, rule) => {
  expect(parseFaultRule(text)).toEqual({ ok: true, rule });
});

test.each([
  ['create', /expected target:fault/],
  ['create:500 x3', /expected target:fault/],
  ['create:500@5%x3', /in this order/],
  ['card:500', /unknown target "card"; known are authenticate, create/],
  ['create:explode', /unknown fault "explode"; known are 200/],
  ['create:302', /unknown fault "302"/],
  ['create:500@500%', /rate/],
  ['create:500x0', /times/],
  ['create:500~(', /match is not a regular expression/],
  ['command:500', /commands can only be refused/],
  ['create:refuse', /commands can only be refused/],
])('rejects %s with the problem', (text, problem) => {
  const parsed = parseFaultRule(text);
  expect(parsed).toMatchObject({ ok: false, error: expect.stringMatching(problem) });
  expect(parsed).toMatchObject({ error: expect.stringContaining(text) });
});

function hangAfter() {
  return { target: 'passmachine', fault: 'hang-after', times: 2, skip: 10, rate: 0.5, match: 'x' };
}
