/** Previews of wallet cards: stepped through without scripts, accessible, and within the CSP. */

import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { openBrowser } from './chromium.ts';
import { customers, type RunningPassbridge, startPassbridge } from './passbridge.ts';

declare const window: {
  axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
};

const names = ['Žofie', '<script>alert(1)</script>', 'محمد', 'Wolfeschlegelsteinhausenbergerdorffwelche'];

/** Uploads an export of eight customers with cards. Resolves with the path of the draft. */
async function uploadDraft(page: Page, { url }: RunningPassbridge, action: 'issue' | 'notify') {
  const withCards = customers(8, 'p', (row) => names[row % names.length] ?? '')
    .replace('id\n', 'id,passmachine_pass_id\n')
    .replaceAll(/(?<=,\d+)$/gm, action === 'issue' ? ',' : ',card-1');
  await page.goto(`${url}/campaigns/new`);
  await page.getByLabel('Action').selectOption(action);
  const buffer = Buffer.from(withCards);
  await page.locator('#file').setInputFiles({ name: 'cards.csv', mimeType: 'text/csv', buffer });
  await page.getByText('cards.csv uploaded.').waitFor();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.locator('#preview').waitFor({ state: 'attached' });
  return new URL(page.url()).pathname;
}

describe('the cards of a draft', () => {
  it('are stepped through without JavaScript, with the notification on the lock screen', async () => {
    const passbridge = await startPassbridge();
    const context = await openBrowser(passbridge);
    const draft = await uploadDraft(await context.newPage(), passbridge, 'notify');
    const plain = await openBrowser(passbridge, { javaScriptEnabled: false });
    const page = await plain.newPage();
    await page.goto(`${passbridge.url}${draft}/cards`);
    await page.getByText('Type a text to see the preview.').waitFor();
    await page.getByLabel('Text of the notification').fill('Sale until Sunday');
    await page.getByRole('button', { name: 'Show' }).click();
    await page.getByRole('heading', { name: /^Customer 1 of the first 8/ }).waitFor();
    expect(await page.getByText('Sale until Sunday').count()).toBe(2);
    expect(await page.getByRole('link', { name: 'Previous' }).count()).toBe(0);
    await page.getByRole('link', { name: 'Next' }).click();
    await page.getByRole('heading', { name: /^Customer 2 of the first 8/ }).waitFor();
    await page.getByText('<script>alert(1)</script> Nováková').first().waitFor();
    expect(await page.getByText('Sale until Sunday').count()).toBe(2);
    await page.getByRole('link', { name: 'Previous' }).click();
    await page.getByRole('heading', { name: /^Customer 1 of the first 8/ }).waitFor();
    await page.goto(`${passbridge.url}${draft}/cards?n=8&text=Sale`);
    expect(await page.getByRole('link', { name: 'Next' }).count()).toBe(0);
  });

  it('pass axe in light, dark and at 320 px, within the CSP and the width of the page', async () => {
    const passbridge = await startPassbridge();
    const context = await openBrowser(passbridge);
    const page = await context.newPage();
    const errors: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    const drafts = [
      `${await uploadDraft(page, passbridge, 'issue')}/cards?n=4`,
      `${await uploadDraft(page, passbridge, 'notify')}/cards?n=3&text=${'Sale+until+Sunday.+'.repeat(12)}`,
    ];
    for (const draft of drafts) {
      for (const [colorScheme, width] of [
        ['light', 1280],
        ['dark', 1280],
        ['light', 320],
      ] as const) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 900 });
        await page.goto(passbridge.url + draft);
        await page.getByText('Apple Wallet, approximately').waitFor();
        await page.evaluate(axe.source);
        const { violations } = await page.evaluate(() => window.axe.run());
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        expect(overflow).toBe(0);
        // The stylesheet of the card's colors was applied.
        const background = await page
          .locator('.wallet-apple')
          .first()
          .evaluate((card) => getComputedStyle(card).backgroundColor);
        expect(background).toBe('rgb(49, 46, 129)');
      }
    }
    expect(errors).toEqual([]);
  });
});
