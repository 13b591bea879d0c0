/** docs/architecture.md names existing files, every folder and service in order, and the numbers of the code. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DIRECT_WINDOW, WEBHOOK_WINDOW, WINDOW } from '../../src/domain/campaigns/window.ts';
import { DATA_VERSION } from '../../src/ledger/data-version.ts';
import { groupIntoBatches } from '../../src/queue/batch-job.ts';
import { liveness } from '../../src/queue/names.ts';
import { makeJob } from '../support/make.ts';

const page = readFileSync('docs/architecture.md', 'utf8');
const oneLine = page.replaceAll(/\s+/g, ' ');

/** Returns the names in code font that start the rows of a section's table. */
function firstColumn(heading: string): string[] {
  const section = page.split(/^##+ /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  return [...section.matchAll(/^\| `([\w-]+)\/?` \|/gm)].map(([, name = '']) => name);
}

describe('docs/architecture.md', () => {
  it('names existing files', () => {
    const files = [...page.matchAll(/`((?:src|test)\/[\w./-]+)`/g)].map(([, file = '']) => file);
    expect(files.length).toBeGreaterThan(10);
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
  });

  it('has a row for each folder of src', () => {
    const folders = readdirSync('src', { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(firstColumn('Folders').toSorted()).toEqual(folders.map(({ name }) => name).toSorted());
  });

  it('lists the services in the order of the import rule', () => {
    const [, list = ''] =
      /const services = \[([^\]]+)\]/.exec(readFileSync('test/architecture.test.ts', 'utf8')) ?? [];
    expect(firstColumn('Services')).toEqual([...list.matchAll(/'(\w+)'/g)].map(([, name]) => name));
  });

  it('names existing log events', () => {
    const source = readdirSync('src', { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(`src/${name}`, 'utf8'))
      .join('\n');
    const events = ['programs.reloaded', 'programs.invalid', 'operators.reloaded', 'operators.invalid'];
    for (const event of events) {
      expect(page).toContain(`\`${event}\``);
      expect(source).toContain(`event: '${event}'`);
    }
  });

  it('states the limits of the code', () => {
    const jobs = Array.from({ length: 30 }, (_, row) => makeJob(row + 1));
    expect(groupIntoBatches(jobs)[0]).toHaveLength(10);
    expect(oneLine).toContain('carries up to ten pass jobs');
    expect(liveness.maxStalledCount + 1).toBe(4);
    expect(oneLine).toContain('at four deaths of its worker');
    const lockSeconds = liveness.lockDuration / 1000;
    expect(oneLine).toContain(`lock covers the whole batch job and lasts ${lockSeconds} seconds`);
    expect(oneLine).toContain(`under a lease of ${lockSeconds} seconds`);
    const windows = [
      [WINDOW, 'At most # jobs of a campaign are in the queue'],
      [DIRECT_WINDOW, 'Up to # jobs of the campaign are queued immediately'],
      [WEBHOOK_WINDOW, 'up to # in the queue'],
    ] as const;
    for (const [size, text] of windows) {
      expect(oneLine).toContain(text.replace('#', size.toLocaleString('en')));
    }
    expect(oneLine).toContain(`the version of the stored format, currently ${DATA_VERSION}.`);
  });
});
