import { expect, test } from 'vitest';
import { parseDepends } from '../../../src/kit/private-redis/debian-download.ts';

test('takes the first of several alternatives and the first provider of a virtual package', () => {
  const output = `redis-server
  PreDepends: init-system-helpers
  Depends: lsb-base
    sysvinit-utils
  Depends: redis-tools
redis-tools
 |Depends: libssl3
 |Depends: libssl1.1
  Depends: <libssl>
    libressl
  Depends: <lua-api>
    lua5.1
    lua5.4
  Depends: libc6
`;
  expect(parseDepends(output)).toEqual([
    'init-system-helpers',
    'lsb-base',
    'redis-tools',
    'libssl3',
    'lua5.1',
    'libc6',
  ]);
});
