/** Upstreams that speak TLS, behind a company's proxy: calls go through its tunnels, and certificates are verified. */

import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { makeWorkspace } from '../support/cli.ts';
import { goodCustomers } from '../support/customers.ts';
import { eventually } from '../support/eventually.ts';
import { startForwardProxy } from '../support/forward-proxy.ts';
import { startTlsServer } from '../support/tls-server.ts';

/** Puts TLS in front of a plain server. */
async function secure(url: string) {
  const { port, certFile } = await startTlsServer({ port: Number(new URL(url).port) });
  return { url: `https://localhost:${port}`, port, certFile };
}

async function open() {
  const workspace = await makeWorkspace();
  const { sandbox, write } = workspace;
  await write('export.csv', goodCustomers(3));
  const [passmachine, bloomreach] = await Promise.all([
    secure(sandbox.passmachineUrl),
    secure(sandbox.bloomreachUrl),
  ]);
  const proxy = await startForwardProxy();
  const env = {
    PASSMACHINE_URL: passmachine.url,
    BLOOMREACH_URL: bloomreach.url,
    HTTPS_PROXY: proxy.url,
    NO_PROXY: 'other.invalid',
  };
  return { ...workspace, passmachine, bloomreach, proxy, env };
}

describe('https upstreams through a proxy', () => {
  it('are called through tunnels, with the certificates that NODE_EXTRA_CA_CERTS trusts', async () => {
    const { start, write, sandbox, passmachine, bloomreach, proxy, env } = await open();
    const certificates = await Promise.all(
      [passmachine, bloomreach].map(({ certFile }) => readFile(certFile, 'utf8')),
    );
    await write('ca.pem', certificates.join('\n'));
    const issue = ['issue', 'loyalty', 'export.csv', '--yes'];
    // Node reads this variable once, when a process starts.
    const { ended: issued } = start(issue, { ...env, NODE_EXTRA_CA_CERTS: 'ca.pem' });
    const ended = await issued;
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/saved to Bloomreach: 3 of 3/) });
    expect(sandbox.passes.size).toBe(3);
    expect([...new Set(proxy.calls)].toSorted()).toEqual(
      [`CONNECT localhost:${bloomreach.port}`, `CONNECT localhost:${passmachine.port}`].toSorted(),
    );
  });

  it('are not called with an unknown certificate, which is the reason that the campaign gives', async () => {
    const { start, sandbox, env } = await open();
    const issue = start(['issue', 'loyalty', 'export.csv', '--yes'], env);
    await eventually(() => expect(issue.stderr()).toMatch(/Waiting: calls are paused .+self.signed/));
    expect(sandbox.witness.entries()).toEqual([]);
    issue.child.kill('SIGTERM');
    expect((await issue.ended).code).toBe(130);
  });
});
