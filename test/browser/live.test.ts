/** What changes is on the screen at once, and a lost connection is told. */

import { describe, expect, it } from 'vitest';
import { openBrowser } from './chromium.ts';
import { customers, openHouse } from './house.ts';

const VIEWERS = 20;

describe('a page that is open', () => {
  it(`shows a change within 2 s to ${VIEWERS} viewers`, async () => {
    const house = await openHouse({ latencyMs: 300 });
    await house.write('export.csv', customers(2000, 'v'));
    const started = await house.run(['issue', 'loyalty', 'export.csv', '--detach']);
    const [id = ''] = /^\S+(?=:)/.exec(started.stdout) ?? [];
    const context = await openBrowser();
    const page = await context.newPage();
    await page.goto(`${house.url}/campaigns/${id}`);
    await page.getByRole('heading', { name: /running$/ }).waitFor();
    // Further viewers, as a browser's streams are: each has the page and its events.
    const streams = await Promise.all(
      Array.from({ length: VIEWERS - 1 }, async () => {
        const stream = await fetch(`${house.url}/campaigns/${id}/live`);
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
    const paused = await fetch(`${house.url}/api/campaigns`);
    expect(paused.status).toBe(200);
    await page.getByRole('button', { name: /^Pause/ }).focus();
    const at = performance.now();
    const other = await context.newPage();
    await other.goto(`${house.url}/campaigns/${id}`);
    await other.getByRole('button', { name: /^Pause/ }).click();
    const clickedAt = performance.now();
    await page.getByRole('heading', { name: /paused$/ }).waitFor({ timeout: 5000 });
    const times = [performance.now(), ...(await Promise.all(seen))].map((time) => time - clickedAt);
    expect(Math.max(...times)).toBeLessThan(2000);
    expect(clickedAt).toBeGreaterThan(at);
  });

  it('says since when it is old once the server is gone, and catches up when it is back', async () => {
    const house = await openHouse({ env: { PORT: '3917' } });
    const context = await openBrowser();
    const page = await context.newPage();
    await page.goto(`${house.url}/campaigns`);
    await page.waitForTimeout(1500);
    expect(await page.locator('#connection').isHidden()).toBe(true);
    house.up.child.kill('SIGKILL');
    await page
      .getByText(/^Connection lost: what you see is from \d\d:\d\d:\d\d/)
      .waitFor({ timeout: 15_000 });
    house.start(['up'], { ...house.settings, PORT: '3917' });
    await page.locator('#connection').waitFor({ state: 'hidden', timeout: 60_000 });
  });
});
