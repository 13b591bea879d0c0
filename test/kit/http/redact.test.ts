import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { makeHttpClient } from '../../../src/kit/http/http.ts';
import { redact } from '../../../src/kit/http/redact.ts';

it.each([
  ['no Bearer tok-12345678 here', 'Bearer tok-12345678', 'no Bearer [withheld] here'],
  ['user-name1:pass-word1', `Basic ${btoa('user-name1:pass-word1')}`, '[withheld]:[withheld]'],
  [`Basic ${btoa('user-name1:pass-word1')}`, `basic  ${btoa('user-name1:pass-word1')}`, 'Basic [withheld]'],
  ['a project-1 and a word', '', 'a [withheld] and a word'],
  ['nothing to hide, word by word', 'Bearer word', 'nothing to hide, word by word'],
  ['not Bearer', 'Bearer', 'not Bearer'],
])('%s', (text, authorization, left) => {
  expect(redact(text, ['project-1', 'word'], authorization)).toBe(left);
});

it('an answer that says back what it was sent comes without our credentials', async () => {
  const server = createServer(({ url, headers }, response) => {
    response.writeHead(422).end(JSON.stringify({ url, headers }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const secrets = ['project-token'];
  const http = makeHttpClient({ baseUrl: `http://127.0.0.1:${port}`, timeoutMs: 5000, secrets });
  onTestFinished(() => http.close());
  const headers = { authorization: 'Bearer our-own-token' };
  const answer = await http.send({ method: 'GET', path: '/projects/project-token/batch', headers });
  expect(answer).toMatchObject({ status: 422, text: expect.stringContaining('/projects/[withheld]/batch') });
  expect(JSON.stringify(answer)).not.toContain('our-own-token');
});
