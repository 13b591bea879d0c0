/** The main task of each of the three who use the dashboard, by mouse and by keyboard alone. */

import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { openBrowser } from './chromium.ts';
import { customers, openHouse } from './house.ts';

/** Moves on with Tab until the focus is on a control of that name, and presses the key. */
async function press(page: Page, name: RegExp, key = 'Enter'): Promise<void> {
  for (let steps = 0; steps < 80; steps += 1) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      if (element === null) return '';
      const label =
        element instanceof HTMLInputElement || element instanceof HTMLSelectElement
          ? element.labels?.[0]?.textContent
          : undefined;
      return element.getAttribute('aria-label') ?? label ?? element.textContent ?? '';
    });
    if (name.test(focused.trim())) return page.keyboard.press(key);
  }
  throw new Error(`the keyboard does not reach ${name}`);
}

const ways = [
  {
    way: 'by mouse',
    act: (page: Page, name: RegExp) => page.locator('a, button', { hasText: name }).first().click(),
  },
  { way: 'by keyboard alone', act: (page: Page, name: RegExp) => press(page, name) },
];

describe.each(ways)('$way', ({ act }) => {
  it('ops find a cause and send all of it again in two steps', async () => {
    const house = await openHouse({ faults: ['create:422x20~house.example'] });
    await house.write('export.csv', customers(20, 'c'));
    await house.run(['issue', 'loyalty', 'export.csv', '--detach', '--pause-at', '0']);
    const context = await openBrowser();
    const page = await context.newPage();
    await page.goto(`${house.url}/failures`);
    await page.getByRole('heading', { name: /^20 × Passmachine refused/ }).waitFor();
    await act(page, /^Send again all 20/);
    await page.getByRole('heading', { name: 'Send again 20 failures?' }).waitFor();
    await act(page, /^Send again all 20/);
    await page.getByText('20 of 20 done').waitFor();
    await page.getByText(/^ended/).waitFor();
    await eventually(() => expect(house.sandbox.passes.size).toBe(20));
  });

  it('ops mend a whole cause by a rule, and nothing is done that was not shown', async () => {
    const house = await openHouse({ faults: ['create:422~ @house.example'] });
    await house.write('export.csv', customers(20, 'c').replaceAll('@', ' @'));
    await house.run(['issue', 'loyalty', 'export.csv', '--detach', '--pause-at', '0']);
    const context = await openBrowser();
    const page = await context.newPage();
    await page.goto(`${house.url}/failures`);
    await page.getByRole('heading', { name: /^20 × Passmachine refused/ }).waitFor();
    await act(page, /^Edit and send again/);
    await page.getByLabel(/^Customer attribute/).fill('email');
    await page.getByLabel(/^What it becomes/).fill('{{ customer.email | upper }}');
    await act(page, /^Show what it does/);
    await page.getByText('@HOUSE.EXAMPLE"').first().waitFor();
    await page.getByLabel(/^What it becomes/).fill("{{ customer.email | replace(' ', '') }}");
    await act(page, /^Edit and send again all 20/);
    await page
      .locator('ins', { hasText: /"c\d+@house.example"/ })
      .first()
      .waitFor();
    expect(await page.locator('ins').count()).toBe(5);
    expect(house.sandbox.passes.size).toBe(0);
    await act(page, /^Edit and send again all 20/);
    await page.getByText('20 of 20 done').waitFor();
    await page.getByText('email becomes').waitFor();
    await eventually(() => expect(house.sandbox.passes.size).toBe(20));
  });

  it('the owner of a schedule runs it now', async () => {
    const house = await openHouse();
    const context = await openBrowser();
    const page = await context.newPage();
    await page.goto(`${house.url}/schedules`);
    await act(page, /^Run now/);
    await page.getByRole('heading', { name: 'Run nightly now?' }).waitFor();
    await act(page, /^Run it now/);
    await page.getByRole('heading', { name: /^nightly-\d+T\d+Z/ }).waitFor();
    await page.getByText('3 of 3 rows (100 %)').waitFor();
    expect(house.sandbox.passes.size).toBe(3);
  });

  it('switches one off, says why, and on again', async () => {
    const house = await openHouse();
    const context = await openBrowser();
    const page = await context.newPage();
    await page.goto(`${house.url}/schedules`);
    await act(page, /^Switch off/);
    await page.getByRole('heading', { name: 'Switch nightly off?' }).waitFor();
    await page.getByLabel(/^Why/).fill('stocktaking');
    await act(page, /^Switch it off/);
    await page.getByText(/^Switched off by .*: stocktaking$/).waitFor();
    await page.goto(`${house.url}/audit`);
    await page.getByText('stocktaking').waitFor();
    await page.goto(`${house.url}/schedules`);
    await page.getByRole('heading', { name: 'Schedules' }).waitFor();
    await act(page, /^Switch on/);
    await page.getByRole('heading', { name: 'Switch nightly on?' }).waitFor();
    await act(page, /^Switch it on/);
    await page.getByText(/^Switched on by/).waitFor();
    expect(house.sandbox.passes.size).toBe(0);
  });
});

describe('a marketer', () => {
  it.each(['mouse', 'keyboard'])('starts a campaign from an upload and pauses it, by %s', async (way) => {
    const house = await openHouse({ latencyMs: 300 });
    const context = await openBrowser();
    const page = await context.newPage();
    const act = way === 'mouse' ? ways[0]!.act : ways[1]!.act;
    const names = ['<script>alert(1)</script>', 'Jan', 'محمد', 'Wolfeschlegelsteinhausenbergerdorff'];
    page.on('dialog', () => expect.unreachable('a name was run as a script'));
    await page.goto(`${house.url}/campaigns`);
    await act(page, /^New campaign/);
    await page.locator('#file').setInputFiles({
      name: 'autumn.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(customers(400, 'm', (row) => names[row % 4] ?? '')),
    });
    await page.getByText('autumn.csv is here.').waitFor();
    await act(page, /^Next/);
    // The five hardest customers, while the form is filled in.
    await page.getByRole('heading', { name: /^longest word/ }).waitFor();
    expect(await page.locator('.card-preview').count()).toBe(5);
    await page.getByText('<script>alert(1)</script>').first().waitFor();
    await page.getByLabel(/^Canary/).fill('300');
    await act(page, /^Check all customers/);
    await page.getByText(/would be sent, in about/).waitFor();
    await page.getByText('Canary, people').waitFor();
    await act(page, /^Back/);
    expect(await page.getByLabel(/^Canary/).inputValue()).toBe('300');
    await act(page, /^Check all customers/);
    await page.getByText('Canary, people').waitFor();
    await act(page, /^Start: send to 400 customers/);
    await page.getByRole('heading', { name: /running$/ }).waitFor();
    await act(page, /^Pause/);
    await page.getByRole('heading', { name: /paused$/ }).waitFor();
    const before = house.sandbox.passes.size;
    expect(before).toBeLessThan(400);
    await act(page, /^Resume/);
    await page.getByRole('heading', { name: /running$/ }).waitFor();
    await act(page, /^Say why, and pause/);
    await page.getByLabel(/^Why/).fill('the wrong picture');
    await act(page, /^Pause it/);
    await page.getByText(/^paused by .*: the wrong picture$/).waitFor();
    expect(house.sandbox.passes.size).toBeLessThan(400);
  });

  it('sees what phones will show while typing a notification', async () => {
    const house = await openHouse();
    const context = await openBrowser();
    const page = await context.newPage();
    await page.goto(`${house.url}/campaigns/new`);
    await page.getByLabel('Action').selectOption('notify');
    const rows = customers(10, 'p')
      .replace('id\n', 'id,passmachine_pass_id\n')
      .replaceAll(/(?<=,\d+)$/gm, ',card-1');
    await page
      .locator('#file')
      .setInputFiles({ name: 'cards.csv', mimeType: 'text/csv', buffer: Buffer.from(rows) });
    await page.getByText('cards.csv is here.').waitFor();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('say what with “Text”').waitFor();
    await page.getByLabel(/^Text/).pressSequentially('Sale until Sunday');
    await page.locator('.lock-screen', { hasText: 'Sale until Sunday' }).first().waitFor();
    expect(await page.locator('.lock-screen').count()).toBe(5);
    expect(await page.getByText('is not filled in').count()).toBe(0);
    await page.getByLabel(/^Text/).fill('Dear {{ customer.first_name }}');
    await page.getByText('is not filled in').waitFor();
  });
});
