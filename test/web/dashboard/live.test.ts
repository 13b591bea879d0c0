/** Live updates on a real socket, read by the rules of the HTML standard. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished, expect, it } from 'vitest';
import { makeLiveUpdates } from '../../../src/web/dashboard/live.ts';
import { silent } from '../../support/make.ts';

/** Resolves with the fields of the first event of a page with this HTML. */
async function firstEvent(html: string): Promise<string[]> {
  const live = makeLiveUpdates(silent);
  const server = createServer((_request, response) =>
    live.subscribe([{ key: 'page', render: async () => html }], response),
  );
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    live.close();
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const { body } = await fetch(`http://127.0.0.1:${port}/`);
  const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (!text.includes('</p>')) text += (await reader.read()).value ?? '';
  await reader.cancel();
  // A line ends with CRLF, LF or CR; an empty line ends the event.
  const lines = text.split(/\r\n|\n|\r/);
  return lines.slice(0, lines.indexOf(''));
}

it.each([
  ['a carriage return', 'hide\r\revent: beat\r\r'],
  ['a line feed', 'hide\n\nevent: beat\n\n'],
  ['both', 'hide\r\n\r\nevent: beat\r\n\r\nid: 1\n\r'],
  ['other line separators', 'hide\u2028\u0085\u000b\fevent: beat'],
])('sends a page in one event if its text has %s', async (_what, reason) => {
  const [name, ...lines] = await firstEvent(`<p>${reason}</p>`);
  expect(name).toBe('event: 0');
  expect(lines.every((line) => line.startsWith('data: '))).toBe(true);
  const data = lines.map((line) => line.slice('data: '.length)).join('\n');
  expect(data).toBe(`<p>${reason.replaceAll(/\r\n|\r/g, '\n')}</p>`);
});
