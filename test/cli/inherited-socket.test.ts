import { expect, it } from 'vitest';
import { inheritedSocket } from '../../src/cli/inherited-socket.ts';
import { UserError } from '../../src/kit/user-error.ts';

it('takes the one socket that systemd passed to this process', () => {
  expect(inheritedSocket({ LISTEN_PID: '17', LISTEN_FDS: '1' }, 17)).toBe(3);
});

it.each([
  ['systemd passed none', {}],
  ['it was passed to a parent process', { LISTEN_PID: '16', LISTEN_FDS: '1' }],
])('takes none if %s', (_case, env) => {
  expect(inheritedSocket(env, 17)).toBeUndefined();
});

it('refuses several sockets', () => {
  expect(() => inheritedSocket({ LISTEN_PID: '17', LISTEN_FDS: '2' }, 17)).toThrow(UserError);
});
