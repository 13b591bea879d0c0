/** Live updates of open pages. */

import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { streamOf } from '../support/live.ts';
import { openBrowser } from './chromium.ts';
import { customers, startCampaign, startPassbridge } from './passbridge.ts';

const VIEWERS = 20;
const WINDOWS = 10;

/** Resolves with the time at which the page shows that its campaign is paused. */
async function pausedOn(page: Page): Promise<number> {
  await page.getByRole('heading', { name: /Paused$/ }).waitFor();
  return performance.now();
}

describe('an open page', () => {
  it(`shows a change to ${VIEWERS} viewers within 2 s after the operator who made it`, async () => {
    const passbridge = await startPassbridge({ latencyMs: 300 });
    await passbridge.write('export.csv', customers(2000, 'v'));
    const id = await startCampaign(passbridge, ['loyalty', 'export.csv']);
    const context = await openBrowser(passbridge);
    const page = await context.newPage();
    await page.goto(`${passbridge.url}/campaigns/${id}`);
    await page.getByRole('heading', { name: /Running$/ }).waitFor();
    // The other viewers read only the events.
    const streams = await Promise.all(
      Array.from({ length: VIEWERS - 1 }, async () => {
        const stream = await fetch(streamOf(passbridge.url, `/campaigns/:id?:id=${id}`), {
          headers: passbridge.dashboard.bearer,
        });
        return stream.body!.getReader();
      }),
    );
    const seen = streams.map(async (reader) => {
      let text = '';
      while (!text.includes('state-paused')) {
        const { value, done } = await reader.read();
        if (done) throw new Error('the stream ended');
        text += new TextDecoder().decode(value);
      }
      await reader.cancel();
      return performance.now();
    });
    await page.getByRole('button', { name: /^Pause/ }).focus();
    const other = await context.newPage();
    await other.goto(`${passbridge.url}/campaigns/${id}`);
    const onPage = pausedOn(page);
    await other.getByRole('button', { name: /^Pause/ }).click();
    // The answer to the click itself: a busy machine delays it as it delays the viewers.
    const answeredAt = await pausedOn(other);
    const times = [await onPage, ...(await Promise.all(seen))].map((time) => time - answeredAt);
    expect(Math.max(...times)).toBeLessThan(2000);
  });

  it(`shows a change in ${WINDOWS} windows of one viewer, over one stream`, async () => {
    const passbridge = await startPassbridge({ latencyMs: 300 });
    await passbridge.write('export.csv', customers(2000, 'v'));
    const id = await startCampaign(passbridge, ['loyalty', 'export.csv']);
    const context = await openBrowser(passbridge);
    const windows = await Promise.all(Array.from({ length: WINDOWS }, () => context.newPage()));
    for (const page of windows) {
      await page.goto(`${passbridge.url}/campaigns/${id}`);
      await page.getByRole('heading', { name: /Running$/ }).waitFor();
    }
    // A browser opens six connections to a host: with one for each window, this page would not load.
    const control = await context.newPage();
    await control.goto(`${passbridge.url}/campaigns/${id}`);
    await control.getByRole('button', { name: /^Pause/ }).click();
    await Promise.all(
      windows.map((page) => page.getByRole('heading', { name: /Paused$/ }).waitFor({ timeout: 20_000 })),
    );
    for (const page of windows) expect(await page.locator('#connection').isHidden()).toBe(true);
  });

  it('shows the time of its last update while the server is down, and catches up afterwards', async () => {
    const PORT = String(await freePort());
    const passbridge = await startPassbridge({ env: { PORT } });
    const context = await openBrowser(passbridge);
    const page = await context.newPage();
    await page.goto(`${passbridge.url}/campaigns`);
    await page.locator('#live').evaluate(
      (live) =>
        new Promise((resolve) => {
          live.addEventListener('live:heartbeat', resolve, { once: true });
        }),
    );
    expect(await page.locator('#connection').isHidden()).toBe(true);
    passbridge.up.child.kill('SIGKILL');
    await page.getByText(/^Not live\. Last update \d\d:\d\d:\d\d/).waitFor({ timeout: 60_000 });
    passbridge.start(['up'], { ...passbridge.settings, PORT });
    await page.locator('#connection').waitFor({ state: 'hidden', timeout: 60_000 });
  });
});
