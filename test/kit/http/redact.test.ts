import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { makeHttpClient } from '../../../src/kit/http/client.ts';
import { redact } from '../../../src/kit/http/redact.ts';

it.each([
  ['no Bearer tok-12345678 here', 'Bearer tok-12345678', 'no Bearer [redacted] here'],
  ['user-name1:pass-word1', `Basic ${btoa('user-name1:pass-word1')}`, '[redacted]:[redacted]'],
  [`Basic ${btoa('user-name1:pass-word1')}`, `basic  ${btoa('user-name1:pass-word1')}`, 'Basic [redacted]'],
  ['a project-1 and a word', '', 'a [redacted] and a word'],
  ['nothing to hide, word by word', 'Bearer word', 'nothing to hide, word by word'],
  ['not Bearer', 'Bearer', 'not Bearer'],
])('%s', (text, authorization, redacted) => {
  expect(redact(text, ['project-1', 'word'], authorization)).toBe(redacted);
});

it('redacts our credentials in a response that echoes the request', async () => {
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
  expect(answer).toMatchObject({ status: 422, text: expect.stringContaining('/projects/[redacted]/batch') });
  expect(JSON.stringify(answer)).not.toContain('our-own-token');
});
