/** A real Chromium for each file, with a context of its own (cookies, cache) for each test. */

import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core';
import { afterAll, onTestFinished } from 'vitest';

/** Paths of Debian's and other packages. */
const paths = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Chromium makes no requests but those of the page under test. */
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

function chromiumPath(): string {
  const found = [process.env['CHROMIUM_PATH'] ?? '', ...paths].find(
    (path) => path !== '' && existsSync(path),
  );
  if (found !== undefined) return found;
  throw new Error('The browser tests need Chromium. Run apt-get install chromium, or set CHROMIUM_PATH.');
}

/** How long to wait for a page or an element on a busy machine. */
const PATIENCE_MS = 100_000;

let launched: Promise<Browser> | undefined;

afterAll(async () => (await launched)?.close());

/** Opens a context that is signed in at the printed address of a dashboard; it is closed when the test finishes. */
export async function openBrowser(
  { dashboard }: { dashboard: { address: string } },
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  launched ??= chromium.launch({ executablePath: chromiumPath(), headless: true, args: flags });
  const browser = await launched;
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  onTestFinished(() => context.close());
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  await page.goto(dashboard.address);
  await page.close();
  return context;
}
