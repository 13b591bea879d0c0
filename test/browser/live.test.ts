/** Live updates of open pages. */

import { describe, expect, it } from 'vitest';
import { openBrowser } from './chromium.ts';
import { customers, startCampaign, startPassbridge } from './passbridge.ts';

const VIEWERS = 20;

describe('an open page', () => {
  it(`shows a change within 2 s to ${VIEWERS} viewers`, async () => {
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
        const stream = await fetch(`${passbridge.url}/campaigns/${id}/live`, {
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
    const paused = await fetch(`${passbridge.url}/api/campaigns`, { headers: passbridge.dashboard.bearer });
    expect(paused.status).toBe(200);
    await page.getByRole('button', { name: /^Pause/ }).focus();
    const at = performance.now();
    const other = await context.newPage();
    await other.goto(`${passbridge.url}/campaigns/${id}`);
    await other.getByRole('button', { name: /^Pause/ }).click();
    const clickedAt = performance.now();
    await page.getByRole('heading', { name: /Paused$/ }).waitFor({ timeout: 5000 });
    const times = [performance.now(), ...(await Promise.all(seen))].map((time) => time - clickedAt);
    expect(Math.max(...times)).toBeLessThan(2000);
    expect(clickedAt).toBeGreaterThan(at);
  });

  it('shows the time of its last update while the server is down, and catches up afterwards', async () => {
    const passbridge = await startPassbridge({ env: { PORT: '3917' } });
    const context = await openBrowser(passbridge);
    const page = await context.newPage();
    await page.goto(`${passbridge.url}/campaigns`);
    await page.waitForTimeout(1500);
    expect(await page.locator('#connection').isHidden()).toBe(true);
    passbridge.up.child.kill('SIGKILL');
    await page.getByText(/^Not live\. Last update \d\d:\d\d:\d\d/).waitFor({ timeout: 15_000 });
    passbridge.start(['up'], { ...passbridge.settings, PORT: '3917' });
    await page.locator('#connection').waitFor({ state: 'hidden', timeout: 60_000 });
  });
});
