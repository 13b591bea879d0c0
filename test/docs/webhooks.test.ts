import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { DIRECT_WINDOW } from '../../src/domain/campaigns/window.ts';
import { MAX_TEXT_LENGTH } from '../../src/domain/jobs/pass-job.ts';
import { MAX_BODY_BYTES } from '../../src/web/webhooks/endpoint.ts';

it('docs/webhooks.md states the limits of the code', () => {
  const page = readFileSync('docs/webhooks.md', 'utf8');
  expect(page).toContain(`up to ${MAX_TEXT_LENGTH} characters`);
  expect(page).toContain(`Up to ${DIRECT_WINDOW.toLocaleString('en')} of its jobs`);
  expect(page).toContain(`bodies of ${MAX_BODY_BYTES / 1024 / 1024} MB`);
});
