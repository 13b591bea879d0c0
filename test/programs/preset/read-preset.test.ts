import { expect, test } from 'vitest';
import { parsePreset } from '../../../src/programs/preset/read-preset.ts';
import { formatNotes } from '../../../src/programs/preset/pasted-text.ts';
import { guideAttributes, guideCreate, guideNotify } from '../../support/guide.ts';
import { guideCreateText, guideNotifyText, guideSaveText, wholeGuide } from './fixtures.ts';

function read(text: string) {
  const preset = parsePreset(text);
  if (!preset.ok) throw new Error(formatNotes(preset.problems).join('\n'));
  return {
    bodies: Object.fromEntries([...preset.bodies].map(([section, { value }]) => [section, value])),
    notes: formatNotes(preset.notes),
  };
}

function problemsOf(text: string): string[] {
  const preset = parsePreset(text);
  return preset.ok ? [] : formatNotes(preset.problems);
}

const create = JSON.parse(guideCreate) as unknown;
const notify = JSON.parse(guideNotify) as unknown;
const attributes = JSON.parse(guideAttributes) as unknown;

test("parses the guide's own page, in any order", () => {
  expect(read(wholeGuide).bodies).toEqual({ create, notify, attributes });
  expect(read(guideNotifyText + guideSaveText + guideCreateText).bodies).toEqual({
    create,
    notify,
    attributes,
  });
  expect(read(guideCreateText).notes).toEqual([
    'line 4: the account id in the URL is a placeholder: set PASSMACHINE_ACCOUNT_ID to yours',
    expect.stringMatching(
      /^line 6: authentication: set PASSMACHINE_PUBLIC_TOKEN and PASSMACHINE_SECRET_TOKEN/,
    ),
    'line 7: header X-Timestamp: passbridge sends it automatically',
    'line 9: response processing: passbridge reads the response automatically, and writes back the `attributes` of the program',
    'line 10: limit 10: set PASSMACHINE_MAX_IN_FLIGHT (the default is 10)',
  ]);
});

test.each([
  ['create', guideCreate, { create }],
  ['notify', guideNotify, { notify }],
  ['attributes', guideAttributes, { attributes }],
])('accepts only the JSON of a %s', (_section, text, bodies) => {
  expect(read(text)).toEqual({ bodies, notes: [] });
});

const preset = {
  name: 'Passmachine: create',
  request_type: 'POST',
  endpoint: 'https://wallet.example.com/accounts/kp-123/passes',
  headers: [{ key: 'X-Timestamp', value: '{{time}}', type: 'public' }],
  throughputPolicy: { limit: 25 },
  active: true,
};

test('splits a whole preset whatever the names of its members, with its body as an object or a text', () => {
  const notes = [
    "line 4: the URL is not Passmachine's own: set PASSMACHINE_URL=https://wallet.example.com; the account id in the URL is kp-123: set PASSMACHINE_ACCOUNT_ID=kp-123",
    'line 6: header X-Timestamp: passbridge sends it automatically',
    'line 12: limit 25: set PASSMACHINE_MAX_IN_FLIGHT=25 (the default is 10)',
    'line 15: active: passbridge has no such setting; omitted',
  ];
  for (const body of [create, guideCreate]) {
    expect(read(JSON.stringify({ ...preset, body }, null, 2))).toEqual({ bodies: { create }, notes });
    expect(read(JSON.stringify({ ...preset, payload: body }, null, 2))).toEqual({
      bodies: { create },
      notes,
    });
  }
  const list = JSON.stringify({
    webhooks: [{ ...preset, data: guideCreate }, { settings: { body: notify } }],
  });
  expect(read(list).bodies).toEqual({ create, notify });
});

test.each([
  ['as a header', { headers: { Authorization: 'Bearer s3cr3t-token' } }],
  ['as a header in a list', { headers: [{ name: 'authorization', value: 'Bearer s3cr3t-token' }] }],
  ['as authentication', { authentication: { type: 'bearer', token: 's3cr3t-token' } }],
  ['as a setting', { api_token: 's3cr3t-token' }],
])('reports a bearer token %s without repeating it', (_where, members) => {
  const { bodies, notes } = read(JSON.stringify({ ...members, body: create }));
  expect(notes).toEqual([expect.stringMatching(/contains a secret, which was not imported/)]);
  expect(JSON.stringify({ bodies, notes })).not.toContain('s3cr3t-token');
});

test('a patch that sends no notification is an update', () => {
  expect(
    read('[{"op": "replace", "path": "/templateVariables/kpFirstName", "value": "x"}]').bodies,
  ).toHaveProperty('update');
});

test('notes that a notification names the card by another attribute', () => {
  const url = 'https://api.passmachine.cz/accounts/kp-1/passes/{{ customer.card }}';
  expect(read(JSON.stringify({ method: 'PATCH', url, body: notify })).notes.join()).toMatch(
    /customer\.passmachine_pass_id/,
  );
});

test.each([
  [
    'two creates',
    `${guideCreate}\n${guideCreate}`,
    /^line 16: a second create; the first is on line 1\..*--name/,
  ],
  ['nothing of a card', 'Dear all,\nplease find attached', /no body of a card was found/],
  ['another JSON', '{"a": 1}', /no body of a card was found/],
  [
    'Jinja before the body',
    `{% set x = 1 %}\n${guideCreate}`,
    /^line 1: \{% set x = 1 %\} is outside of the JSON/,
  ],
  [
    'a fault in the text of a body',
    JSON.stringify({ body: '{"templateVariables": {\n"a": yes}}' }, null, 1),
    /^line 2: line 2 of this text, column 6: yes is not a JSON value/,
  ],
  [
    'an unclosed bracket',
    guideCreate.slice(0, -1),
    /^line 1: column 1: the \{ that opens here is not closed/,
  ],
])('refuses %s with its line', (_what, text, problem) => {
  expect(problemsOf(text)[0]).toMatch(problem);
});
