/** Every page: readable by everybody, on any screen, in both themes; and its picture for the docs. */

import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import axe from 'axe-core';
import type { BrowserContext, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { openBrowser } from './chromium.ts';
import { customers, openHouse } from './house.ts';

const screenshots = resolve('docs/screenshots');

interface AxeResult {
  violations: { id: string; help: string; nodes: { html: string; failureSummary?: string }[] }[];
}

declare const window: { axe: { run(): Promise<AxeResult> } };

/** What axe has against a page, a line each. */
async function complaints(page: Page): Promise<string[]> {
  // Not as a script of the page: that would break its own rules on scripts.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => window.axe.run());
  return violations.map(
    ({ id, help, nodes }) => `${id}: ${help}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`,
  );
}

/** A house in which something of everything has happened. */
async function openBusyHouse() {
  const house = await openHouse({
    faults: ['create:422~c1[0-9]?@house', 'create:reset-after~c2@house', 'create:404x3'],
    latencyMs: 300,
  });
  await house.write(
    'export.csv',
    `${customers(60, 'c', (row) => (row === 1 ? '<b>Bold</b>' : 'Žofie'))},Nobody,X,x@house.example,1\n`,
  );
  await house.run(['issue', 'loyalty', 'export.csv', '--detach', '--pause-at', '0']);
  await eventually(async () => {
    const { campaigns } = (await (await fetch(`${house.url}/api/campaigns`)).json()) as {
      campaigns: { id: string; status: string }[];
    };
    if (campaigns[0]?.status !== 'finished') throw new Error('not finished');
  }, 30_000);
  // One that goes on for as long as somebody looks.
  await house.write('autumn.csv', customers(9000, 'a'));
  await house.run(['issue', 'loyalty', 'autumn.csv', '--detach']);
  return house;
}

/** Starts a campaign that waits after its first customer; resolves with its id. */
async function holdOne(house: Awaited<ReturnType<typeof openBusyHouse>>): Promise<string> {
  await house.write('few.csv', customers(5, 'f'));
  const { stdout } = await house.run(['issue', 'loyalty', 'few.csv', '--detach', '--canary', '1']);
  const [id = ''] = /^\S+(?=:)/.exec(stdout) ?? [];
  await eventually(async () => {
    const { campaign } = (await (await fetch(`${house.url}/api/campaigns/${id}`)).json()) as {
      campaign: { status: string };
    };
    expect(campaign.status).toBe('held');
  }, 60_000);
  return id;
}

/** Follows the first link of that name. */
async function follow(page: Page, link: string | RegExp): Promise<string> {
  await page.locator('main a', { hasText: link }).first().click();
  await page.locator('h1').waitFor();
  return new URL(page.url()).pathname + new URL(page.url()).search;
}

/** The address of every page, by the name of its picture. */
async function everyPage(page: Page, url: string): Promise<Record<string, string>> {
  const at = async (start: string, link: string | RegExp) => {
    await page.goto(url + start);
    return follow(page, link);
  };
  const cause = await at('/failures', /^Look at them/);
  await page.goto(`${url}${cause}`);
  const retry = await at('/failures', /^Send again all/);
  await page.goto(`${url}${cause}`);
  await page
    .getByLabel(/^Pick /)
    .first()
    .check();
  await page.getByRole('button', { name: 'Send the picked ones again' }).click();
  await page.getByText(/^(ended|running|waiting)/).waitFor();
  const bulkAction = new URL(page.url()).pathname;
  await page.goto(`${url}/campaigns/new`);
  const buffer = Buffer.from(customers(30, 'd'));
  await page.locator('#file').setInputFiles({ name: 'autumn.csv', mimeType: 'text/csv', buffer });
  await page.getByText('autumn.csv is here.').waitFor();
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('heading', { name: /^typical/ }).waitFor();
  return {
    draft: new URL(page.url()).pathname,
    now: '/',
    campaigns: '/campaigns',
    campaign: await at('/campaigns', /^loyalty-issue/),
    'campaign-pause': `${await at('/campaigns', /^loyalty-issue/)}/pause`,
    'campaign-stop': `${await at('/campaigns', /^loyalty-issue/)}/stop`,
    'new-campaign': '/campaigns/new',
    failures: '/failures',
    cause,
    'cause-retry': retry,
    'cause-discard': await at('/failures', /^Discard/),
    'cause-edit': await at('/failures', /^Edit and send again/),
    'failure-edit': await at(cause, /^Edit\b(?! and)/),
    unknown: '/unknown',
    'unknown-repeat': await at('/unknown', /^Repeat all/),
    bulkActions: '/bulk-actions',
    bulkAction,
    people: '/customers?q=c-3',
    schedules: '/schedules',
    'schedule-run': '/schedules/nightly/run',
    'schedule-off': '/schedules/nightly/disable',
    audit: '/audit',
    'not-found': '/nothing/here',
  };
}

/** Whether the page as a whole has to be scrolled sideways. */
const isTooWide = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);

const looks = [
  { look: 'light', scheme: 'light', width: 1280 },
  { look: 'dark', scheme: 'dark', width: 1280 },
  // 1280 pixels at 200 % have the room of 640.
  { look: 'at 200 %', scheme: 'light', width: 640 },
  { look: 'at 320 pixels', scheme: 'light', width: 320 },
] as const;

interface Step {
  /** Of its picture. */
  name: string;
  step(page: Page): Promise<void>;
}

/** What comes after a page and has no address of its own, by the page's name. */
const steps: Readonly<Record<string, Step>> = {
  draft: {
    name: 'draft-check',
    async step(page) {
      await page.getByLabel(/^Canary/).fill('20');
      await page.getByLabel(/^Quiet hours/).fill('21:00-08:00');
      await page.getByRole('button', { name: 'Check all customers' }).click();
      await page.getByText(/would be sent/).waitFor();
    },
  },
  'cause-edit': {
    name: 'cause-edit-preview',
    async step(page) {
      await page.getByLabel(/^Customer attribute/).fill('email');
      await page.getByLabel(/^What it becomes/).fill('{{ customer.email | upper }}');
      await page.getByRole('button', { name: 'Show what it does' }).click();
      await page.getByText('Five real ones').waitFor();
    },
  },
};

describe('every page', () => {
  it('passes axe in light and dark, wide and narrow, and is not wider than the screen', async () => {
    await mkdir(screenshots, { recursive: true });
    const house = await openBusyHouse();
    const context: BrowserContext = await openBrowser();
    const page = await context.newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    const pages = await everyPage(page, house.url);
    const found: Record<string, string[]> = {};
    for (const { look, scheme, width } of looks) {
      await page.emulateMedia({ colorScheme: scheme });
      await page.setViewportSize({ width, height: 800 });
      for (const [name, path] of Object.entries(pages)) {
        await page.goto(house.url + path);
        await page.locator('h1').waitFor();
        const wrong = await complaints(page);
        if (await isTooWide(page)) wrong.push('is wider than the screen');
        if (wrong.length > 0) found[`${name} ${look}`] = wrong;
        if (look === 'light') await page.screenshot({ path: join(screenshots, `${name}.png`) });
        const next = steps[name];
        if (next === undefined) continue;
        await next.step(page);
        const there = await complaints(page);
        if (await isTooWide(page)) there.push('is wider than the screen');
        if (there.length > 0) found[`${next.name} ${look}`] = there;
        if (look === 'light') await page.screenshot({ path: join(screenshots, `${next.name}.png`) });
      }
    }
    // What is seen only where somebody is waited for.
    const held = await holdOne(house);
    for (const { look, scheme, width } of looks) {
      await page.emulateMedia({ colorScheme: scheme });
      await page.setViewportSize({ width, height: 800 });
      for (const [path, word] of [
        ['/', /waits for a person/],
        [`/campaigns/${held}`, 'Continue after the canary'],
      ] as const) {
        await page.goto(house.url + path);
        await page.getByText(word).first().waitFor();
        const wrong = await complaints(page);
        if (await isTooWide(page)) wrong.push('is wider than the screen');
        if (wrong.length > 0) found[`${path} ${look}, held`] = wrong;
      }
    }
    expect(found).toEqual({});
    expect(errors).toEqual([]);
  }, 300_000);
});

describe('signing in', () => {
  it('passes axe, works by keyboard alone, and brings somebody back to where they were', async () => {
    const house = await openHouse({ env: { OPERATORS_FILE: 'operators.yaml' } });
    const adding = house.start(['operators', 'add', 'Iva', '--role', 'viewer'], house.settings);
    adding.child.stdin?.end('correct horse battery');
    await adding.ended;
    const context = await openBrowser();
    const page = await context.newPage();
    await page.goto(`${house.url}/schedules`);
    expect(await complaints(page)).toEqual([]);
    await page.screenshot({ path: join(screenshots, 'sign-in.png') });
    await page.keyboard.type('Iva');
    await page.keyboard.press('Tab');
    await page.keyboard.type('wrong horse battery');
    await page.keyboard.press('Enter');
    await page.getByText('No such name, or another password.').waitFor();
    expect(await complaints(page)).toEqual([]);
    await page.getByLabel('Password').fill('correct horse battery');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Schedules' }).waitFor();
    // A viewer is offered nothing that they may not do.
    expect(await page.getByText('Run now').count()).toBe(0);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in to passbridge' }).waitFor();
  });
});
