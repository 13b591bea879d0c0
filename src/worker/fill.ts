/** Fills the body of a job that may be sent, with a code of the card's own where it gets one. */

import { failure } from '../domain/failures/failure.ts';
import type { PassJob } from '../domain/jobs/pass-job.ts';
import { type Program, SAMPLE_VOUCHER } from '../domain/jobs/program.ts';
import { type Clock, unixSeconds } from '../kit/clock.ts';
import { bodyOf, type JobBody } from './job-body.ts';
import { insistently } from './ledger.ts';

/** The code of a job's card out of a pool: always the same; undefined where none is left. */
export type DrawVoucher = (pool: string, job: string) => Promise<string | undefined>;

interface Filled {
  body: JobBody;
  /** What was drawn for it. */
  voucher?: string;
}

interface FillOptions {
  drawVoucher: DrawVoucher;
  clock: Clock;
}

/** `silent` leaves out what makes phones ring. A code is drawn only for what can be sent. */
export function makeFill({ drawVoucher, clock }: FillOptions) {
  return async (job: PassJob, program: Program, silent: boolean): Promise<Filled> => {
    const manner = { time: unixSeconds(clock), silent };
    const pool = poolOf(job, program);
    if (pool === undefined) return { body: bodyOf(job, program, manner) };
    const sample = bodyOf(job, program, { ...manner, voucher: SAMPLE_VOUCHER });
    if (!sample.ok) return { body: sample };
    const voucher = await insistently(() => drawVoucher(pool, job.id));
    if (voucher !== undefined) return { body: bodyOf(job, program, { ...manner, voucher }), voucher };
    return { body: { ok: false, failure: failure('VOUCHERS_EMPTY', `no code is left of ${pool}`) } };
  };
}

/** Where the job's card gets its code from; undefined where it gets none. */
function poolOf({ action, body }: PassJob, { vouchers, create, attributes }: Program): string | undefined {
  const isUsed = (body === undefined && create.usesVoucher) || attributes.usesVoucher;
  return action === 'create' && isUsed ? vouchers : undefined;
}
