import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sleep } from '../../../src/kit/clock.ts';
import { openLiveFile } from '../../../src/services/programs/live-file.ts';
import { loadProgramsFile } from '../../../src/programs/file/programs.ts';
import { silent } from '../../support/make.ts';

const programs = (greeting: string, more = '') => `programs:
  loyalty:
    card: loyalty
    templateId: t
    create: { templateVariables: { greeting: "${greeting} {{ customer.first_name }}" } }
${more}`;

const gift = `  gift:
    card: gift
    templateId: g
    create: { templateVariables: { balance: "{{ customer.balance }}" } }
`;

const POLL_MS = 20;

function open(text = programs('Hello')) {
  const folder = mkdtempSync(join(tmpdir(), 'passbridge-live-'));
  const path = join(folder, 'programs.yaml');
  writeFileSync(path, text);
  let loads = 0;
  const file = openLiveFile({
    path,
    load: () => {
      loads += 1;
      return { ...loadProgramsFile(path, 'UTC'), sources: new Map() };
    },
    clock: () => 7,
    log: silent,
    pollMs: POLL_MS,
  });
  onTestFinished(async () => {
    await file.stop();
    rmSync(folder, { recursive: true });
  });
  const greeting = () => {
    const context = { customer: { first_name: 'Jan' }, customer_ids: {}, time: 1 };
    const rendered = file.programs.get('loyalty')?.create.render(context);
    return rendered?.ok === true ? JSON.stringify(rendered.body) : undefined;
  };
  return {
    path,
    file,
    greeting,
    write: (content: string) => writeFileSync(path, content),
    loads: () => loads,
  };
}

describe('a programs file that changes', () => {
  it('is reloaded, whether it was written or replaced', async () => {
    const { path, file, greeting, write } = open();
    const before = file.programs.get('loyalty')?.version;
    write(programs('Ahoj', gift));
    await expect.poll(greeting).toContain('Ahoj Jan');
    expect(file.programs.get('gift')?.templateId).toBe('g');
    expect(file.programs.get('loyalty')?.version).not.toBe(before);
    writeFileSync(`${path}.new`, programs('Hello'));
    renameSync(`${path}.new`, path);
    await expect.poll(greeting).toContain('Hello Jan');
    expect(file.programs.get('loyalty')?.version).toBe(before);
    expect([...file.programs.keys()]).toEqual(['loyalty']);
  });

  it('is reloaded as a whole or not at all', async () => {
    const { path, file, greeting, write } = open();
    write(programs('Ahoj', gift.replace('templateId', 'temlateId')));
    await expect.poll(file.invalid).toMatchObject({
      at: 7,
      problem: expect.stringMatching(/^programs.yaml:8: programs.gift.temlateId: .*did you mean templateId/),
    });
    expect(greeting()).toContain('Hello Jan');
    rmSync(path);
    await expect.poll(file.invalid).toMatchObject({ problem: expect.stringContaining('does not exist') });
    expect(greeting()).toContain('Hello Jan');
    write(programs('Ahoj'));
    await expect.poll(greeting).toContain('Ahoj Jan');
    expect(file.invalid()).toBeUndefined();
  });

  it('is not loaded while it is being written, nor again while it is unchanged', async () => {
    const { write, loads, greeting } = open();
    let pauses = 0;
    let writtenAt = performance.now();
    for (let n = 0; n < 60; n += 1) {
      write(`${programs('Half')}# ${'.'.repeat(n)}`);
      await sleep(4);
      // A busy machine makes pauses in which the file looks complete.
      if (performance.now() - writtenAt > POLL_MS) pauses += 1;
      writtenAt = performance.now();
    }
    // The first load was at the start.
    expect(loads()).toBeLessThanOrEqual(1 + pauses);
    write(programs('Whole'));
    await expect.poll(greeting).toContain('Whole');
    const before = loads();
    await sleep(10 * POLL_MS);
    expect(loads()).toBe(before);
  });
});

it('refuses to start with an invalid file', () => {
  expect(() => open('programs: {}')).toThrow('has no program');
});
