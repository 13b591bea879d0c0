/**
 * Renders the body of a job's request as JSON text: the program's template filled with the customer, or the body
 * that the job carries. Draws a voucher code if the card needs one.
 */

import { triggersNotification } from '../domain/campaigns/safeguards/notification-limit.ts';
import { failure, type Failure } from '../domain/failures/failure.ts';
import type { PassJob } from '../domain/jobs/pass-job.ts';
import {
  type Json,
  type Program,
  type Rendered,
  SAMPLE_VOUCHER,
  templateOf,
} from '../domain/jobs/program.ts';
import { type Clock, unixSeconds } from '../kit/clock.ts';
import { isObject } from '../kit/is-object.ts';
import { parseExactJson } from '../kit/json/exact-json.ts';
import { retryRedis } from './ledger.ts';

/** `text` is undefined if nothing is left to send. */
export type RenderedBody = { ok: true; text: string | undefined } | Extract<Rendered, { ok: false }>;

interface BodyOptions {
  /** Unix seconds. */
  time: number;
  /** Omits the operations that trigger notifications. */
  silent: boolean;
  voucher?: string | undefined;
}

export function renderBody(job: PassJob, program: Program, options: BodyOptions): RenderedBody {
  const { time, silent, voucher } = options;
  if (job.body !== undefined) {
    return { ok: true, text: silent ? toText(silenced(parseExactJson(job.body) as Json)) : job.body };
  }
  const template = templateOf(program, job.action);
  if (template === undefined) return { ok: false, failure: missingSection(job) };
  const rendered = template.render({
    customer: job.customer.attributes,
    customer_ids: job.customer.ids,
    time,
    ...(job.text !== undefined && { text: job.text }),
    ...(job.textTemplate !== undefined && { textTemplate: job.textTemplate }),
    ...(voucher !== undefined && { voucher }),
  });
  if (!rendered.ok) return rendered;
  const body = job.action === 'create' ? withJobId(rendered.body, job.id, program) : rendered.body;
  return { ok: true, text: toText(silent ? silenced(body) : body) };
}

/** Adds the job's id to the metadata of a new card, so that an event about the card proves that the create made it. */
function withJobId(body: Json, id: string, { jobIdKey }: Program): Json {
  if (jobIdKey === undefined || !isObject(body)) return body;
  const metadata = isObject(body['metadata']) ? body['metadata'] : {};
  return { ...body, metadata: { ...metadata, [jobIdKey]: id } };
}

/** The failure of a job whose program, or the section for its action, is not in the programs file. */
export function missingSection({ program, action }: PassJob): Failure {
  return failure('PROGRAM_UNKNOWN', `the programs file has no ${program}.${action}`);
}

/** Removes the operations that trigger notifications from a JSON Patch; undefined if none are left. */
function silenced(operations: Json): Json | undefined {
  if (!Array.isArray(operations)) return operations;
  const silent = operations.filter((operation) => !triggersNotification(operation));
  return silent.length === 0 ? undefined : silent;
}

function toText(body: Json | undefined): string | undefined {
  return body === undefined ? undefined : JSON.stringify(body);
}

/** Draws the voucher code of a job's card from a pool. A job always gets the same code; undefined if none is left. */
export type DrawVoucher = (pool: string, job: string) => Promise<string | undefined>;

interface RendererOptions {
  drawVoucher: DrawVoucher;
  clock: Clock;
}

/** A body that is complete but for the voucher code, which is a sample if there is a pool. */
export interface PreparedBody {
  body: RenderedBody;
  pool: string | undefined;
}

export interface Renderer {
  /** Renders a job without drawing a voucher code. */
  prepare(job: PassJob, program: Program, silent?: boolean): PreparedBody;
  /** Draws the voucher code of a body that can be rendered, if it needs one, and renders it again. */
  finish(
    job: PassJob,
    program: Program,
    prepared: PreparedBody,
    silent?: boolean,
  ): Promise<{ body: RenderedBody; voucher?: string }>;
}

export function makeRenderer({ drawVoucher, clock }: RendererOptions): Renderer {
  return {
    prepare(job, program, silent = false) {
      const pool = voucherPoolOf(job, program);
      const voucher = pool === undefined ? undefined : SAMPLE_VOUCHER;
      return { body: renderBody(job, program, { time: unixSeconds(clock), silent, voucher }), pool };
    },
    async finish(job, program, { body, pool }, silent = false) {
      if (pool === undefined || !body.ok) return { body };
      const voucher = await retryRedis(() => drawVoucher(pool, job.id));
      if (voucher !== undefined) {
        return { body: renderBody(job, program, { time: unixSeconds(clock), silent, voucher }), voucher };
      }
      return { body: { ok: false, failure: failure('VOUCHERS_EMPTY', `no code is left in ${pool}`) } };
    },
  };
}

/** Returns the pool of the card's voucher code; undefined if the card has none. */
function voucherPoolOf({ action, body }: PassJob, program: Program): string | undefined {
  const { vouchers, create, attributes } = program;
  const usesVoucher = (body === undefined && create.usesVoucher) || attributes.usesVoucher;
  return action === 'create' && usesVoucher ? vouchers : undefined;
}
