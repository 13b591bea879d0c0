import { expect, it } from 'vitest';
import { describeProcesses } from '../../../src/cli/output/process-list.ts';

it('lists each process with its release, and says which take no more jobs', () => {
  const web = { roles: ['web' as const], version: '1.0.0', pid: 4711, host: 'a' };
  const all = {
    roles: ['worker' as const, 'feeder' as const],
    version: '1.10.0',
    pid: 5,
    host: 'b',
    quiet: true,
  } as const;
  expect(describeProcesses([web, { ...all, roles: [...all.roles] }])).toBe(
    [
      'Running processes',
      '  web             1.0.0   pid 4711 on a',
      '  worker, feeder  1.10.0  pid 5 on b     quiet: takes no more jobs',
    ].join('\n'),
  );
  expect(describeProcesses([])).toBe('');
});
