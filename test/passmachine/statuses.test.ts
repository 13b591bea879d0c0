import { expect, it } from 'vitest';
import { verdictOn } from '../../src/domain/jobs/outcome.ts';
import { passmachineFailure } from '../../src/passmachine/answers.ts';

const bodies = [
  '',
  '{"message":"no"}',
  '<html><title>Bad gateway</title></html>',
  'error code: 521',
  '\u0000',
];
const gatewayNeverReached = new Set([521, 522, 523, 525, 526]);

/** The statuses after which a create may be sent again, or is known to be refused: nothing was made. */
function provesNothingMade(status: number, hasRetryAfter: boolean): boolean {
  if (gatewayNeverReached.has(status)) return true;
  if (status === 503) return hasRetryAfter;
  return status >= 400 && status < 500 && status !== 408;
}

it('holds a create as unknown after every status that does not prove that nothing was made', () => {
  for (let status = 100; status <= 599; status += 1) {
    if (status >= 200 && status < 300) continue;
    for (const text of bodies) {
      for (const retryAfter of [{}, { retryAfterMs: 1000 }]) {
        const found = passmachineFailure({ answered: true, status, text, ...retryAfter }, { method: 'POST' });
        const verdict = found && verdictOn(found, 'create');
        const hasRetryAfter = 'retryAfterMs' in retryAfter;
        expect([status, text, hasRetryAfter, verdict !== 'unknown']).toEqual([
          status,
          text,
          hasRetryAfter,
          provesNothingMade(status, hasRetryAfter),
        ]);
      }
    }
  }
});

it('takes a 2xx with an HTML page for a gateway that answered instead', () => {
  for (let status = 200; status < 300; status += 1) {
    const html = passmachineFailure({ answered: true, status, text: '<html>' }, { method: 'POST' });
    expect(html?.code).toBe('PM_UNKNOWN_ERROR');
    expect(passmachineFailure({ answered: true, status, text: '{}' }, { method: 'POST' })).toBeUndefined();
  }
});
