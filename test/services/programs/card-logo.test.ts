import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readLogo } from '../../../src/services/programs/card-logo.ts';

const png = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(20)]);

describe('the logo of a card', () => {
  let file = '';
  const logo = (name: string) => readLogo({ design: { logo: name } }, file);

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'logo-'));
    file = join(folder, 'programs.yaml');
    await writeFile(join(folder, 'logo.png'), png);
    await writeFile(join(folder, 'logo.svg'), '<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>');
    await writeFile(join(folder, 'large.png'), Buffer.concat([png, Buffer.alloc(600 * 1024)]));
  });

  it('is read beside the programs file', async () => {
    expect(await logo('logo.png')).toEqual({ type: 'image/png', bytes: png });
  });

  it.each(['logo.svg', 'large.png', 'missing.png', '.'])('is absent for %s', async (name) => {
    expect(await logo(name)).toBeUndefined();
  });

  it('is absent without a design', async () => {
    expect(await readLogo({}, file)).toBeUndefined();
    expect(await readLogo(undefined, file)).toBeUndefined();
  });
});
