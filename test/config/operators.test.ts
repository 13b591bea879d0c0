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
  it('is read as it was saved, with any allowed name', async () => {
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

  it('is readable by its owner only, even if a crash left a readable part', async () => {
    const { file, folder } = newFile();
    writeFileSync(`${file}.part`, 'left by a crash', { mode: 0o644 });
    await saveOperators(file, new Map([['Iva', { role: 'admin', password }]]));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['operators.yaml']);
  });

  it.each([undefined, '', '# no operators yet\n', 'operators: {}\n'])(
    'has no operators if it is empty or absent: %o',
    (content) => {
      expect(loadOperators(newFile(content).file).size).toBe(0);
    },
  );

  it('is refused with the line of each problem, without quoting passwords', () => {
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

it.each(['', ' Iva', '-x', 'a:b', 'a\nb', '<b>', 'x'.repeat(65)])('refuses the name %o', (name) => {
  expect(OPERATOR_NAME.test(name)).toBe(false);
});
