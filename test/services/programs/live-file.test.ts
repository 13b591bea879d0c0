import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
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
    pollMs: 20,
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
    const endAt = Date.now() + 300;
    for (let n = 0; Date.now() < endAt; n += 1) {
      write(`${programs('Half')}# ${'.'.repeat(n)}`);
      await new Promise((resolve) => setTimeout(resolve, 4));
    }
    expect(loads()).toBeLessThan(4);
    write(programs('Whole'));
    await expect.poll(greeting).toContain('Whole');
    const before = loads();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(loads()).toBe(before);
  });
});

it('refuses to start with an invalid file', () => {
  expect(() => open('programs: {}')).toThrow('has no program');
});
