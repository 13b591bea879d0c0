import { array, assert, constantFrom, integer, property, record, uniqueArray } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AlertChange, trackAlerts, emptyWatch } from '../../../src/domain/monitoring/alert-changes.ts';
import type { Alert, AlertCode } from '../../../src/domain/monitoring/overview.ts';

const SECOND = 1000;
const MINUTE = 60_000;

const alertOf = (code: AlertCode, about?: string): Alert => ({
  code,
  text: `${code} ${about ?? ''}`,
  remedy: 'fix it',
  ...(about !== undefined && { about }),
});

const down = alertOf('PASSMACHINE_DOWN');
const held = alertOf('CAMPAIGN_HELD', 'run');

/** Checks every five seconds; `at` returns the alerts at a time. Returns the messages sent, with their minute. */
function play(minutes: number, at: (ms: number) => readonly Alert[]) {
  let watch = emptyWatch;
  const messages: [minute: number, kind: AlertChange['kind'], active: string[], resolved: string[]][] = [];
  for (let ms = 0; ms <= minutes * MINUTE; ms += 5 * SECOND) {
    const tracked = trackAlerts(watch, at(ms), ms);
    watch = tracked.watch;
    if (tracked.change === undefined) continue;
    const { kind, active, resolved } = tracked.change;
    messages.push([
      Math.floor(ms / MINUTE),
      kind,
      active.map(({ code }) => code),
      resolved.map(({ code }) => code),
    ]);
  }
  return messages;
}

const between = (from: number, to: number) => (ms: number) => ms >= from * MINUTE && ms < to * MINUTE;

describe('alert messages', () => {
  it('are not sent without alerts, nor for alerts that last only seconds', () => {
    expect(play(10, () => [])).toEqual([]);
    expect(play(10, (ms) => (ms % MINUTE === 0 ? [down] : []))).toEqual([]);
  });

  it('are sent when an alert opens and when it resolves', () => {
    expect(play(40, (ms) => (between(2, 5)(ms) ? [down] : []))).toEqual([
      [2, 'opened', ['PASSMACHINE_DOWN'], []],
      [5, 'resolved', [], ['PASSMACHINE_DOWN']],
    ]);
  });

  it('are three during a 30-minute outage in which a campaign is held', () => {
    const messages = play(60, (ms) => [
      ...(between(1, 31)(ms) ? [down] : []),
      ...(between(3, 90)(ms) ? [held] : []),
    ]);
    expect(messages).toEqual([
      [1, 'opened', ['PASSMACHINE_DOWN'], []],
      [16, 'worsened', ['PASSMACHINE_DOWN', 'CAMPAIGN_HELD'], []],
      [31, 'improved', ['CAMPAIGN_HELD'], ['PASSMACHINE_DOWN']],
    ]);
  });

  it('are not repeated for an alert that flaps or changes its text', () => {
    const messages = play(60, (ms) => (ms % (30 * SECOND) === 0 ? [] : [{ ...down, text: `for ${ms} ms` }]));
    expect(messages).toEqual([[0, 'opened', ['PASSMACHINE_DOWN'], []]]);
  });

  it('distinguish campaigns', () => {
    const messages = play(5, () => [held, alertOf('CAMPAIGN_HELD', 'other')]);
    expect(messages).toEqual([[0, 'opened', ['CAMPAIGN_HELD', 'CAMPAIGN_HELD'], []]]);
  });

  it('are rate-limited and end with the current alerts', () => {
    const codes = ['PASSMACHINE_DOWN', 'CAMPAIGN_HELD', 'NO_WORKER', 'WRITEBACK_LATE'] as const;
    const phases = array(
      record({ seconds: integer({ min: 5, max: 1200 }), codes: uniqueArray(constantFrom(...codes)) }),
      { minLength: 1, maxLength: 30 },
    );
    assert(
      property(phases, (steps) => {
        let watch = emptyWatch;
        let at = 0;
        const messages: AlertChange[] = [];
        const check = (active: readonly AlertCode[], seconds: number) => {
          for (const end = at + seconds * SECOND; at < end; at += 5 * SECOND) {
            const tracked = trackAlerts(
              watch,
              active.map((code) => alertOf(code)),
              at,
            );
            watch = tracked.watch;
            if (tracked.change !== undefined) messages.push(tracked.change);
          }
        };
        for (const { seconds, codes: active } of steps) check(active, seconds);
        const last = steps.at(-1)?.codes ?? [];
        check(last, 40 * 60);
        // At most one per 15 minutes, apart from the message that everything is resolved.
        for (const { at: from } of messages) {
          const near = messages.filter(({ at: other, kind }) => {
            return kind !== 'resolved' && other >= from && other < from + 15 * MINUTE;
          });
          expect(near.length).toBeLessThanOrEqual(1);
        }
        expect((messages.at(-1)?.active ?? []).map(({ code }) => code).toSorted()).toEqual(last.toSorted());
      }),
      { numRuns: 200 },
    );
  });
});
