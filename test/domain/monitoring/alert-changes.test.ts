import { array, assert, constantFrom, integer, property, record, uniqueArray } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AlertNews,
  lookAtAlerts,
  nothingWatched,
} from '../../../src/domain/monitoring/alert-changes.ts';
import type { Alert, AlertCode } from '../../../src/domain/monitoring/overview.ts';

const SECOND = 1000;
const MINUTE = 60_000;

const alertOf = (code: AlertCode, about?: string): Alert => ({
  code,
  text: `${code} ${about ?? ''}`,
  remedy: 'mend it',
  ...(about !== undefined && { about }),
});

const down = alertOf('PASSMACHINE_DOWN');
const held = alertOf('CAMPAIGN_HELD', 'run');

/** Looks every five seconds; `at` says what is wrong when. Returns what was told, with its minute. */
function tell(minutes: number, at: (ms: number) => readonly Alert[]) {
  let watch = nothingWatched;
  const told: [minute: number, kind: AlertNews['kind'], standing: string[], over: string[]][] = [];
  for (let ms = 0; ms <= minutes * MINUTE; ms += 5 * SECOND) {
    const look = lookAtAlerts(watch, at(ms), ms);
    watch = look.watch;
    if (look.news === undefined) continue;
    const { kind, standing, over } = look.news;
    told.push([
      Math.floor(ms / MINUTE),
      kind,
      standing.map(({ code }) => code),
      over.map(({ code }) => code),
    ]);
  }
  return told;
}

const between = (from: number, to: number) => (ms: number) => ms >= from * MINUTE && ms < to * MINUTE;

describe('news of alerts', () => {
  it('are none while all is well, and none of what lasts for seconds', () => {
    expect(tell(10, () => [])).toEqual([]);
    expect(tell(10, (ms) => (ms % MINUTE === 0 ? [down] : []))).toEqual([]);
  });

  it('say that it began, and that it is over', () => {
    expect(tell(40, (ms) => (between(2, 5)(ms) ? [down] : []))).toEqual([
      [2, 'opened', ['PASSMACHINE_DOWN'], []],
      [5, 'recovered', [], ['PASSMACHINE_DOWN']],
    ]);
  });

  it('of an outage of half an hour, in which a campaign is held, are three', () => {
    const told = tell(60, (ms) => [
      ...(between(1, 31)(ms) ? [down] : []),
      ...(between(3, 90)(ms) ? [held] : []),
    ]);
    expect(told).toEqual([
      [1, 'opened', ['PASSMACHINE_DOWN'], []],
      [16, 'worse', ['PASSMACHINE_DOWN', 'CAMPAIGN_HELD'], []],
      [31, 'better', ['CAMPAIGN_HELD'], ['PASSMACHINE_DOWN']],
    ]);
  });

  it('are not told anew for what flaps, or changes its words', () => {
    const told = tell(60, (ms) => (ms % (30 * SECOND) === 0 ? [] : [{ ...down, text: `for ${ms} ms` }]));
    expect(told).toEqual([[0, 'opened', ['PASSMACHINE_DOWN'], []]]);
  });

  it('tell campaigns apart', () => {
    const told = tell(5, () => [held, alertOf('CAMPAIGN_HELD', 'other')]);
    expect(told).toEqual([[0, 'opened', ['CAMPAIGN_HELD', 'CAMPAIGN_HELD'], []]]);
  });

  it('are few whatever happens, and end with the truth', () => {
    const codes = ['PASSMACHINE_DOWN', 'CAMPAIGN_HELD', 'NO_WORKER', 'WRITEBACK_LATE'] as const;
    const phases = array(
      record({ seconds: integer({ min: 5, max: 1200 }), codes: uniqueArray(constantFrom(...codes)) }),
      { minLength: 1, maxLength: 30 },
    );
    assert(
      property(phases, (steps) => {
        let watch = nothingWatched;
        let at = 0;
        const told: AlertNews[] = [];
        const look = (wrong: readonly AlertCode[], seconds: number) => {
          for (const end = at + seconds * SECOND; at < end; at += 5 * SECOND) {
            const found = lookAtAlerts(
              watch,
              wrong.map((code) => alertOf(code)),
              at,
            );
            watch = found.watch;
            if (found.news !== undefined) told.push(found.news);
          }
        };
        for (const { seconds, codes: wrong } of steps) look(wrong, seconds);
        const last = steps.at(-1)?.codes ?? [];
        look(last, 40 * 60);
        // In any quarter of an hour: one that something is wrong, one that all is well.
        for (const { at: from } of told) {
          const near = told.filter(({ at: other, kind }) => {
            return kind !== 'recovered' && other >= from && other < from + 15 * MINUTE;
          });
          expect(near.length).toBeLessThanOrEqual(1);
        }
        expect((told.at(-1)?.standing ?? []).map(({ code }) => code).toSorted()).toEqual(last.toSorted());
      }),
      { numRuns: 200 },
    );
  });
});
