import { describe, expect, it } from 'vitest';
import { makeDraftReviews, type ReviewRun } from '../../../src/services/dashboard/draft-reviews.ts';

/** Returns a check that ends when the test says so, and what it was run with. */
function makeCheck() {
  const runs: ReviewRun[] = [];
  let settle: { resolve: (report: string) => void; reject: (error: Error) => void } | undefined;
  const promise = new Promise<string>((resolve, reject) => (settle = { resolve, reject }));
  return {
    runs,
    resolve: (report: string) => settle?.resolve(report),
    reject: (error: Error) => settle?.reject(error),
    check: (run: ReviewRun) => {
      runs.push(run);
      return promise;
    },
  };
}

describe('a review of a draft', () => {
  it('is ready at once if all rows are checked while the page waits', async () => {
    const reviews = makeDraftReviews<string>(60_000);
    expect(await reviews.of('d', '1', async () => 'report')).toEqual({ state: 'ready', report: 'report' });
    expect(reviews.finished('d', '1')).toBe('report');
  });

  it('reports the rows checked so far, and checks them once however often it is asked for', async () => {
    const reviews = makeDraftReviews<string>(0);
    const { check, runs, resolve } = makeCheck();
    expect(await reviews.of('d', '1', check)).toEqual({ state: 'counting', rows: 0 });
    runs[0]?.onProgress(2000);
    expect(await reviews.of('d', '1', check)).toEqual({ state: 'counting', rows: 2000 });
    expect(reviews.finished('d', '1')).toBeUndefined();
    resolve('report');
    expect(await reviews.of('d', '1', check)).toEqual({ state: 'ready', report: 'report' });
    expect(runs).toHaveLength(1);
  });

  it('ends and starts again if the draft was changed', async () => {
    const reviews = makeDraftReviews<string>(0);
    const { check, runs } = makeCheck();
    await reviews.of('d', '1', check);
    expect(await reviews.of('d', '2', async () => 'changed')).toEqual({ state: 'ready', report: 'changed' });
    expect(runs[0]?.signal.aborted).toBe(true);
    expect(reviews.finished('d', '1')).toBeUndefined();
  });

  it('reports a problem found in the background, and checks again afterwards', async () => {
    const reviews = makeDraftReviews<string>(0);
    const { check, reject } = makeCheck();
    await reviews.of('d', '1', check);
    reject(new Error('row 5,000 has no end'));
    await expect(reviews.of('d', '1', check)).rejects.toThrow('row 5,000 has no end');
    expect(await reviews.of('d', '1', async () => 'fixed')).toMatchObject({ state: 'ready' });
  });
});
