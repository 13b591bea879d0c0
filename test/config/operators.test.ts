import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadOperators, OPERATOR_NAME, saveOperators } from '../../src/config/operators.ts';
import { cheapHash } from '../web/auth/cheap-hash.ts';

const password = cheapHash('correct horse battery');

function newFile(content?: string) {
  const folder = mkdtempSync(join(tmpdir(), 'passbridge-operators-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'operators.yaml');
  if (content !== undefined) writeFileSync(file, content);
  return { folder, file };
}

describe('the operators file', () => {
  it('comes back as it was saved, whatever the names', async () => {
    const { file } = newFile();
    const operators = new Map([
      ['Žofie Nováková', { role: 'admin' as const, password }],
      ['007', { role: 'viewer' as const, password }],
      ['iva@house.example', { role: 'operator' as const, password }],
      ['null', { role: 'viewer' as const, password }],
    ]);
    await saveOperators(file, operators);
    expect(new Map(loadOperators(file))).toEqual(operators);
  });

  it('is for nobody but its owner, also where a part of it was left lying open', async () => {
    const { file, folder } = newFile();
    writeFileSync(`${file}.part`, 'left by a crash', { mode: 0o644 });
    await saveOperators(file, new Map([['Iva', { role: 'admin', password }]]));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['operators.yaml']);
  });

  it.each([undefined, '', '# nobody yet\n', 'operators: {}\n'])('names nobody: %o', (content) => {
    expect(loadOperators(newFile(content).file).size).toBe(0);
  });

  it('tells by line what is wrong with it, and never a password', () => {
    const { file } = newFile(
      [
        'operators:',
        '  Iva: { role: admin, password: correct horse battery }',
        `  Ota: { role: boss, password: '${password}' }`,
        `  -x: { role: viewer, password: '${password}' }`,
        `  Eva: { role: viewer, password: '${password}', extra: 1 }`,
      ].join('\n'),
    );
    let message = '';
    try {
      loadOperators(file);
    } catch (error) {
      message = String(error);
    }
    expect(message).toContain('operators.yaml:2: operators.Iva.password: must be a hash');
    expect(message).toContain('operators.yaml:3: operators.Ota.role: must be one of viewer, operator, admin');
    expect(message).toMatch(/operators\.yaml:4: .*letters, digits, spaces/);
    expect(message).toContain('operators.yaml:5: operators.Eva');
    expect(message).not.toContain('horse');
    expect(() => loadOperators(newFile('operators: [').file)).toThrow('not valid YAML');
  });
});

it.each(['', ' Iva', '-x', 'a:b', 'a\nb', '<b>', 'x'.repeat(65)])('no name: %o', (name) => {
  expect(OPERATOR_NAME.test(name)).toBe(false);
});
