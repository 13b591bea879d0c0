/** Sends a request byte for byte, as no HTTP client would. */

import { once } from 'node:events';
import { connect } from 'node:net';

/** Resolves with the whole answer. `lines`: request line and headers; Host is added unless they have one. */
export async function sendRaw(url: string, lines: readonly string[], body = '[]'): Promise<string> {
  const { hostname, port, host } = new URL(url);
  const hasHost = lines.some((line) => /^host:/i.test(line));
  const socket = connect(Number(port), hostname);
  const head = [
    ...lines,
    ...(hasHost ? [] : [`Host: ${host}`]),
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.setEncoding('utf8').write(`${head.join('\r\n')}\r\n\r\n${body}`);
  let answer = '';
  socket.on('data', (text: string) => (answer += text));
  await once(socket, 'close');
  return answer;
}
