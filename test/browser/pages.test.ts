/** Accessibility of every page, on wide and narrow screens in both themes; takes the screenshots for the docs. */

import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import axe from 'axe-core';
import type { BrowserContext, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { openBrowser } from './chromium.ts';
import { customers, holdCampaign, startBusyPassbridge, startPassbridge } from './passbridge.ts';

const screenshots = resolve('docs/screenshots');

interface AxeResult {
  violations: { id: string; help: string; nodes: { html: string; failureSummary?: string }[] }[];
}

declare const window: { axe: { run(): Promise<AxeResult> } };

/** Returns the violations that axe finds on a page, one per line. */
async function violationsOf(page: Page): Promise<string[]> {
  // Evaluated, because the CSP of the page forbids to add it as a script.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => window.axe.run());
  return violations.map(
    ({ id, help, nodes }) => `${id}: ${help}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`,
  );
}

/** Clicks the first link with this text. Resolves with the path it leads to. */
async function follow(page: Page, link: string | RegExp): Promise<string> {
  await page.locator('main a', { hasText: link }).first().click();
  await page.locator('h1').waitFor();
  return new URL(page.url()).pathname + new URL(page.url()).search;
}

/** Returns the path of every page by the name of its screenshot. */
async function everyPage(page: Page, url: string): Promise<Record<string, string>> {
  const at = async (start: string, link: string | RegExp) => {
    await page.goto(url + start);
    return follow(page, link);
  };
  const cause = await at('/attention', /^View failures/);
  await page.goto(`${url}${cause}`);
  const retry = await at('/attention', /^Retry all/);
  await page.goto(`${url}${cause}`);
  await page
    .getByLabel(/^Select /)
    .first()
    .check();
  await page.getByRole('button', { name: 'Retry selected' }).click();
  await page.getByText(/^(Finished|Running|Waiting)/).waitFor();
  const bulkAction = new URL(page.url()).pathname;
  await page.goto(`${url}/campaigns/new`);
  const buffer = Buffer.from(customers(30, 'd'));
  await page.locator('#file').setInputFiles({ name: 'autumn.csv', mimeType: 'text/csv', buffer });
  await page.getByText('autumn.csv uploaded.').waitFor();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('heading', { name: /^Typical/ }).waitFor();
  return {
    draft: new URL(page.url()).pathname,
    overview: '/',
    campaigns: '/campaigns',
    campaign: await at('/campaigns', /^loyalty-issue/),
    'campaign-pause': `${await at('/campaigns', /^loyalty-issue/)}/pause`,
    'campaign-stop': `${await at('/campaigns', /^loyalty-issue/)}/stop`,
    'new-campaign': '/campaigns/new',
    failures: '/attention',
    cause,
    'cause-retry': retry,
    'cause-discard': await at('/attention', /^Discard/),
    'cause-edit': await at('/attention', /^Edit and retry/),
    'failure-edit': await at(cause, /^Edit\b(?! and)/),
    unknown: '/attention/unknown',
    'unknown-retry': await at('/attention/unknown', /^Create \d+ cards? again/),
    'bulk-actions': '/activity/bulk-actions',
    'bulk-action': bulkAction,
    customers: '/customers?q=c-3',
    schedules: '/schedules',
    'schedule-run': '/schedules/nightly/run',
    'schedule-off': '/schedules/nightly/disable',
    audit: '/activity',
    settings: '/settings',
    diagnostics: '/settings/diagnostics',
    'not-found': '/nothing/here',
  };
}

/** Resolves with whether the page scrolls sideways. */
const isTooWide = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);

const displays = [
  { display: 'light', scheme: 'light', width: 1280 },
  { display: 'dark', scheme: 'dark', width: 1280 },
  // 1280 px at 200 % zoom.
  { display: 'at 200 %', scheme: 'light', width: 640 },
  { display: 'at 320 px', scheme: 'light', width: 320 },
] as const;

type DisplayName = (typeof displays)[number]['display'];

/** Runs `work` in a page on every display, two at once: a page waits half of the time for its server. */
async function onEveryDisplay(
  context: BrowserContext,
  work: (page: Page, display: DisplayName) => Promise<void>,
): Promise<void> {
  const waiting = [...displays];
  const workThrough = async () => {
    const page = await context.newPage();
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      await page.emulateMedia({ colorScheme: next.scheme });
      await page.setViewportSize({ width: next.width, height: 800 });
      await work(page, next.display);
    }
    await page.close();
  };
  await Promise.all([workThrough(), workThrough()]);
}

/** Returns a function that runs work which must not run at once, one after the other. */
function makeSequence() {
  let previous: Promise<void> = Promise.resolve();
  return (work: () => Promise<void>) => (previous = previous.then(work));
}

interface Step {
  /** Name of its screenshot. */
  name: string;
  step(page: Page): Promise<void>;
}

/** Steps after a page whose result has no path of its own, by the name of the page. */
const steps: Readonly<Record<string, Step>> = {
  draft: {
    name: 'draft-review',
    async step(page) {
      await page.getByLabel(/^Canary/).fill('20');
      await page.getByLabel(/^Quiet hours/).fill('21:00-08:00');
      await page.getByRole('button', { name: 'Review' }).click();
      await page
        .getByText(/will be sent/)
        .first()
        .waitFor();
    },
  },
  'cause-edit': {
    name: 'cause-edit-preview',
    async step(page) {
      await page.getByLabel(/^Customer attribute/).fill('email');
      await page.getByLabel(/^New value/).fill('{{ customer.email | upper }}');
      await page.getByRole('button', { name: 'Preview' }).click();
      await page.getByRole('heading', { name: 'Preview on 5 customers' }).waitFor();
    },
  },
};

describe('every page', () => {
  it('passes axe in light and dark, wide and narrow, and does not scroll sideways', async () => {
    await mkdir(screenshots, { recursive: true });
    const passbridge = await startBusyPassbridge();
    const context: BrowserContext = await openBrowser(passbridge);
    const page = await context.newPage();
    const errors: string[] = [];
    context.on('weberror', (thrown) => errors.push(thrown.error().message));
    // Violations of the CSP are console errors; so is the status 404 of the page that is not found.
    context.on('console', (message) => {
      if (message.type() === 'error' && !message.text().includes('404')) errors.push(message.text());
    });
    const pages = await everyPage(page, passbridge.url);
    const found: Record<string, string[]> = {};
    const oneByOne = makeSequence();
    /** Records what is wrong with a page. */
    const check = async (shown: Page, name: string, display: string) => {
      const violations = await violationsOf(shown);
      if (await isTooWide(shown)) violations.push('scrolls sideways');
      if (violations.length > 0) found[`${name} ${display}`] = violations;
    };
    const checkAndShow = async (shown: Page, name: string, display: string) => {
      await check(shown, name, display);
      if (display === 'light') await shown.screenshot({ path: join(screenshots, `${name}.png`) });
    };
    await onEveryDisplay(context, async (shown, display) => {
      for (const [name, path] of Object.entries(pages)) {
        const next = steps[name];
        const visit = async () => {
          await shown.goto(passbridge.url + path);
          await shown.locator('h1').waitFor();
          await checkAndShow(shown, name, display);
          if (next === undefined) return;
          await next.step(shown);
          await checkAndShow(shown, next.name, display);
        };
        // All displays change the same draft.
        await (next === undefined ? visit() : oneByOne(visit));
      }
    });
    // A held campaign raises an alert and has actions of its own.
    const held = await holdCampaign(passbridge);
    await onEveryDisplay(context, async (shown, display) => {
      await shown.goto(passbridge.url);
      await shown
        .getByText(/^Review campaign/)
        .first()
        .waitFor();
      await check(shown, 'overview-held', display);
      await shown.goto(`${passbridge.url}/campaigns/${held}`);
      await shown
        .getByText(/^Continue with the remaining/)
        .first()
        .waitFor();
      await check(shown, 'campaign-held', display);
    });
    expect(found).toEqual({});
    expect(errors).toEqual([]);
  }, 900_000);
});

describe('signing in', () => {
  it('passes axe, works by keyboard alone, and returns to the requested page', async () => {
    const passbridge = await startPassbridge({ env: { OPERATORS_FILE: 'operators.yaml' } });
    await passbridge.run(['operators', 'add', 'Iva', '--role', 'viewer'], 'correct horse battery');
    const context = await openBrowser(passbridge);
    const page = await context.newPage();
    await page.goto(`${passbridge.url}/schedules`);
    expect(await violationsOf(page)).toEqual([]);
    await page.screenshot({ path: join(screenshots, 'sign-in.png') });
    await page.keyboard.type('Iva');
    await page.keyboard.press('Tab');
    await page.keyboard.type('wrong horse battery');
    await page.keyboard.press('Enter');
    await page.getByText('Name or password is incorrect.').waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await page.getByLabel('Password').fill('correct horse battery');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Schedules' }).waitFor();
    // Viewers see no actions.
    expect(await page.getByText('Run now').count()).toBe(0);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in to passbridge' }).waitFor();
  });
});
