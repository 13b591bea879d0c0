/** The main tasks of operators, schedule owners and marketers, by mouse and by keyboard alone. */

import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { openBrowser } from './chromium.ts';
import { customers, startPassbridge } from './passbridge.ts';

/** Tabs to the control with this name and presses a key on it. */
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
  throw new Error(`${name} cannot be reached by keyboard`);
}

const inputs = [
  {
    input: 'by mouse',
    activate: (page: Page, name: RegExp) => page.locator('a, button', { hasText: name }).first().click(),
  },
  { input: 'by keyboard alone', activate: (page: Page, name: RegExp) => press(page, name) },
];

describe.each(inputs)('$input', ({ activate }) => {
  it('an operator retries a whole cause in two steps', async () => {
    const passbridge = await startPassbridge({ faults: ['create:422x20~house.example'] });
    await passbridge.write('export.csv', customers(20, 'c'));
    await passbridge.run(['issue', 'loyalty', 'export.csv', '--detach', '--pause-at', '0']);
    const context = await openBrowser(passbridge);
    const page = await context.newPage();
    await page.goto(`${passbridge.url}/attention`);
    await page.getByRole('heading', { name: /^20 × Passmachine rejected/ }).waitFor();
    await activate(page, /^Retry all 20/);
    await page.getByRole('heading', { name: 'Retry 20 failures?' }).waitFor();
    await activate(page, /^Retry all 20/);
    await page.getByText('20 succeeded').waitFor();
    await page.getByText(/^Finished/).waitFor();
    await eventually(() => expect(passbridge.sandbox.passes.size).toBe(20));
  });

  it('an operator edits a whole cause by a rule, and only a previewed rule is applied', async () => {
    const passbridge = await startPassbridge({ faults: ['create:422~ @house.example'] });
    await passbridge.write('export.csv', customers(20, 'c').replaceAll('@', ' @'));
    await passbridge.run(['issue', 'loyalty', 'export.csv', '--detach', '--pause-at', '0']);
    const context = await openBrowser(passbridge);
    const page = await context.newPage();
    await page.goto(`${passbridge.url}/attention`);
    await page.getByRole('heading', { name: /^20 × Passmachine rejected/ }).waitFor();
    await activate(page, /^Edit and retry/);
    await page.getByLabel(/^Customer attribute/).fill('email');
    await page.getByLabel(/^New value/).fill('{{ customer.email | upper }}');
    await activate(page, /^Preview/);
    await page.getByText('@HOUSE.EXAMPLE"').first().waitFor();
    await page.getByLabel(/^New value/).fill("{{ customer.email | replace(' ', '') }}");
    await activate(page, /^Edit and retry all 20/);
    await page
      .locator('ins', { hasText: /"c\d+@house.example"/ })
      .first()
      .waitFor();
    expect(await page.locator('ins').count()).toBe(5);
    expect(passbridge.sandbox.passes.size).toBe(0);
    await activate(page, /^Edit and retry all 20/);
    await page.getByText('20 succeeded').waitFor();
    await page.getByText('email becomes').waitFor();
    await eventually(() => expect(passbridge.sandbox.passes.size).toBe(20));
  });

  it('the owner of a schedule runs it now', async () => {
    const passbridge = await startPassbridge();
    const context = await openBrowser(passbridge);
    const page = await context.newPage();
    await page.goto(`${passbridge.url}/schedules`);
    await activate(page, /^Run now/);
    await page.getByRole('heading', { name: 'Run nightly now?' }).waitFor();
    await activate(page, /^Run now/);
    const started = page.getByRole('heading', { name: /^nightly-\d+T\d+Z/ });
    const listed = page.getByRole('link', { name: /^nightly-\d+T\d+Z/ });
    await started.or(listed).first().waitFor();
    // A busy machine answers before the run has started; then the list links it.
    if (!(await started.isVisible())) await listed.first().click();
    await started.waitFor();
    await page.getByText('3 of 3 rows (100 %)').waitFor();
    expect(passbridge.sandbox.passes.size).toBe(3);
  });

  it('the owner of a schedule turns it off with a reason, and on again', async () => {
    const passbridge = await startPassbridge();
    const context = await openBrowser(passbridge);
    const page = await context.newPage();
    await page.goto(`${passbridge.url}/schedules`);
    await activate(page, /^Turn off/);
    await page.getByRole('heading', { name: 'Turn nightly off?' }).waitFor();
    await page.getByLabel(/^Reason/).fill('stocktaking');
    await activate(page, /^Turn off/);
    await page.getByText(/^Turned off by .*: stocktaking$/).waitFor();
    await page.goto(`${passbridge.url}/activity`);
    await page.getByText('stocktaking').waitFor();
    await page.goto(`${passbridge.url}/schedules`);
    await page.getByRole('heading', { name: 'Schedules' }).waitFor();
    await activate(page, /^Turn on/);
    await page.getByRole('heading', { name: 'Turn nightly on?' }).waitFor();
    await activate(page, /^Turn on/);
    await page.getByText(/^Turned on by/).waitFor();
    expect(passbridge.sandbox.passes.size).toBe(0);
  });
});

describe('on the overview', () => {
  it('an operator sees what failed without a click, and finds one of the customers from there', async () => {
    const passbridge = await startPassbridge({ faults: ['create:422x3~house.example'] });
    await passbridge.write('export.csv', customers(20, 'c'));
    await passbridge.run(['issue', 'loyalty', 'export.csv', '--detach', '--pause-at', '0']);
    const context = await openBrowser(passbridge);
    const page = await context.newPage();
    await page.goto(passbridge.url);
    await page.getByRole('heading', { name: /^3 customers: Passmachine rejected/ }).waitFor();
    expect(await page.locator('h1').textContent()).toBe('One thing needs you');
    await page.getByRole('link', { name: /^Needs attention.*1 item/ }).waitFor();
    await page.getByRole('link', { name: /^Retry 3 customers/ }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('c-3');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'registered:c-3' }).waitFor();
  });

  it('the owner of a schedule sees the result of its last run', async () => {
    const passbridge = await startPassbridge();
    await passbridge.run(['schedules', 'run', 'nightly']);
    const context = await openBrowser(passbridge);
    const page = await context.newPage();
    await page.goto(passbridge.url);
    await page
      .getByRole('region', { name: 'Schedules, last 24 hours' })
      .getByText(/^Started, /)
      .waitFor();
    await page.getByRole('link', { name: /^nightly nightly-/ }).click();
    await page.getByText('3 of 3 rows (100 %)').waitFor();
    expect(passbridge.sandbox.passes.size).toBe(3);
  });
});

describe('a marketer', () => {
  it.each(['mouse', 'keyboard'])('starts a campaign from an upload and pauses it, by %s', async (input) => {
    const passbridge = await startPassbridge({ latencyMs: 300 });
    const context = await openBrowser(passbridge);
    const page = await context.newPage();
    const activate = input === 'mouse' ? inputs[0]!.activate : inputs[1]!.activate;
    const names = ['<script>alert(1)</script>', 'Jan', 'محمد', 'Wolfeschlegelsteinhausenbergerdorff'];
    page.on('dialog', () => expect.unreachable('a name was executed as a script'));
    await page.goto(`${passbridge.url}/campaigns`);
    await activate(page, /^New campaign/);
    await page.locator('#file').setInputFiles({
      name: 'autumn.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(customers(400, 'm', (row) => names[row % 4] ?? '')),
    });
    await page.getByText('autumn.csv uploaded.').waitFor();
    await activate(page, /^Continue/);
    // Edge cases are previewed while the form is filled in.
    await page.getByRole('heading', { name: /^Longest word/ }).waitFor();
    expect(await page.locator('.card-preview').count()).toBe(5);
    await page.getByText('<script>alert(1)</script>').first().waitFor();
    await page.getByLabel(/^Canary/).fill('300');
    await activate(page, /^Review/);
    await page.getByText(/^400 customers, done (about|between)/).waitFor();
    await page.locator('dt', { hasText: 'Canary' }).waitFor();
    await page.reload();
    await page.locator('dt', { hasText: 'Canary' }).waitFor();
    await activate(page, /^Change options/);
    expect(await page.getByLabel(/^Canary/).inputValue()).toBe('300');
    await activate(page, /^Review/);
    await page.locator('dt', { hasText: 'Canary' }).waitFor();
    await activate(page, /^Issue 400 cards/);
    await page.getByRole('heading', { name: /Running$/ }).waitFor();
    await activate(page, /^Pause/);
    await page.getByRole('heading', { name: /Paused$/ }).waitFor();
    const before = passbridge.sandbox.passes.size;
    expect(before).toBeLessThan(400);
    await activate(page, /^Resume/);
    await page.getByRole('heading', { name: /Running$/ }).waitFor();
    await activate(page, /^Pause with a reason/);
    await page.getByLabel(/^Reason/).fill('the wrong picture');
    await activate(page, /^Pause campaign/);
    await page.getByText(/^Paused by .*: the wrong picture$/).waitFor();
    expect(passbridge.sandbox.passes.size).toBeLessThan(400);
  });

  it('sees the lock screen of phones while typing a notification', async () => {
    const passbridge = await startPassbridge();
    const context = await openBrowser(passbridge);
    const page = await context.newPage();
    await page.goto(`${passbridge.url}/campaigns/new`);
    await page.getByLabel('Action').selectOption('notify');
    const rows = customers(10, 'p')
      .replace('id\n', 'id,passmachine_pass_id\n')
      .replaceAll(/(?<=,\d+)$/gm, ',card-1');
    await page
      .locator('#file')
      .setInputFiles({ name: 'cards.csv', mimeType: 'text/csv', buffer: Buffer.from(rows) });
    await page.getByText('cards.csv uploaded.').waitFor();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('Type a text to see the preview.').waitFor();
    await page.getByLabel(/^Text/).pressSequentially('Sale until Sunday');
    await page.locator('.lock-screen', { hasText: 'Sale until Sunday' }).first().waitFor();
    expect(await page.locator('.lock-screen').count()).toBe(5);
    expect(await page.getByText('aren’t replaced').count()).toBe(0);
    await page.getByLabel(/^Text/).fill('Dear {{ customer.first_name }}');
    await page.getByText('aren’t replaced').waitFor();
  });
});
