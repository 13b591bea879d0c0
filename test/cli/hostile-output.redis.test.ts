/** Texts of upstreams, operators and customers that hold orders for a terminal: every command prints them visibly. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { campaignIdIn, makeWorkspace } from '../support/cli.ts';

const HOSTILE = '\u001b[2J\u001b]0;owned\u0007\rrows 0\u009b31m\u202efdp\n3 done';
/** All control characters but the line feed, and what reorders text. */
const orders = /(?!\n)\p{Cc}|[\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;

/** Answers every create with a refusal whose text is hostile, and hands out a token. */
async function startHostileUpstream(): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    if (request.method === 'GET') return void response.end('{"data":{"token":"t"}}');
    response.statusCode = 422;
    response.end(HOSTILE);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('a refusal of Passmachine with control characters', () => {
  it('is shown, and gives no orders, in any command', async () => {
    const { run, write } = await makeWorkspace();
    const env = { PASSMACHINE_URL: await startHostileUpstream() };
    await write(
      'export.csv',
      `registered,first_name,last_name,email,id\n"c-1\u001b[1m",A,B,a@x.example,1\nc-2,A\u202e,B,b@x.example,2\n`,
    );
    const issued = await run(['issue', 'loyalty', 'export.csv'], env);
    expect(issued.code).toBe(1);
    const id = campaignIdIn(issued.stdout);
    const outputs = {
      issue: issued,
      status: await run(['status', id], env),
      all: await run(['status', '--json'], env),
      failures: await run(['failures', '--campaign', id], env),
      discard: await run(['retry', '--campaign', id, '--reason', HOSTILE, '--dry-run'], env),
      find: await run(['find', 'a@x.example'], env),
      json: await run(['find', 'a@x.example', '--json'], env),
      audit: await run(['audit'], env),
      usage: await run(['status', HOSTILE], env),
      command: await run([HOSTILE], env),
    };
    for (const [name, { stdout, stderr }] of Object.entries(outputs)) {
      expect([name, orders.exec(stdout + stderr)?.[0]]).toEqual([name, undefined]);
    }
    expect(issued.stdout).toContain('\\u001b[2J\\u001b]0;owned\\u0007 rows 0\\u009b31m\\u202efdp 3 done');
    expect(JSON.parse(outputs.json.stdout)).toHaveProperty('customers');

    // Into a file or a pipe, the data is as it is.
    const csv = await run(['failures', '--campaign', id, '--csv'], env);
    expect(csv.stdout).toContain('c-1\u001b[1m');
    const results = await run(['results', id], env);
    expect(results.stdout).toContain('A\u202e');
  });
});
