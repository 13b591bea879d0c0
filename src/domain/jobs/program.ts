/**
 * A program is one card design. The programs file defines it, `programs/` compiles it, and the other stages only
 * render it.
 */

import type { CardDesign } from '../cards/card-design.ts';
import type { Failure } from '../failures/failure.ts';
import type { Customer, PassAction } from './pass-job.ts';

/** The guide's fifteen card types. */
export const cardTypes = [
  'loyalty',
  'membership',
  'stamp',
  'business',
  'fan',
  'discount',
  'gift',
  'coupon',
  'travel',
  'tourist',
  'info',
  'accommodation',
  'tour',
  'event',
  'permanent',
] as const;

export type CardType = (typeof cardTypes)[number];

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** The variables of a template, under Bloomreach's own names. */
export interface TemplateContext {
  customer: Customer['attributes'];
  customer_ids: Customer['ids'];
  /** Unix seconds. */
  time: number;
  /** The notification's text; absent if it has none. */
  text?: string;
  /** In place of `text`: a text with Jinja in it, to be rendered for the customer. */
  textTemplate?: string;
  /** The card's voucher code; only in `create` and `attributes` of a program with vouchers. */
  voucher?: string;
  /** Passmachine's answer to a create, in the guide's `data` envelope; only in `attributes`. */
  webhook?: Json;
}

/** Default of {@link Program.jobIdKey}. */
export const JOB_ID_KEY = 'passbridge_job';

/** Placeholder for the voucher code in previews, which must not draw one. */
export const SAMPLE_VOUCHER = 'VOUCHER';

/** A body rendered for one customer, or why not. `aborted`: the template's reason for excluding the customer, possibly empty. */
export type Rendered =
  | { ok: true; body: Json }
  | { ok: false; failure: Failure }
  | { ok: false; aborted: string };

/** Explains to an operator why a body could not be rendered. */
export function whyUnrendered(rendered: Extract<Rendered, { ok: false }>): string {
  if (!('aborted' in rendered)) return rendered.failure.detail;
  return `the template excludes this customer${rendered.aborted === '' ? '' : `: ${rendered.aborted}`}`;
}

/** A compiled JSON body with Jinja in its leaf strings. */
export interface Template {
  render(context: TemplateContext): Rendered;
  /** Whether it uses the campaign's text. */
  readonly usesText: boolean;
  /** Whether it uses the card's voucher code. */
  readonly usesVoucher: boolean;
  /** Names of the customer attributes it uses. */
  readonly uses: readonly string[];
  /** The subset of `uses` that is required: not guarded by `default` or `if`. */
  readonly needs: readonly string[];
  /** The subset of `uses` whose bare value is tested: `{% if customer.vip %}`. */
  readonly truthTests: readonly string[];
}

/** One card design: the templates of its requests, and the attributes written back. */
export interface Program {
  name: string;
  card: CardType;
  /** Passmachine's id of the card template. */
  templateId: string;
  /** The pool of voucher codes, named by the path of its file; absent if cards carry none. */
  vouchers?: string;
  /** The member of a create's metadata that holds the job's id; absent if it is not sent. */
  jobIdKey?: string;
  /** How previews draw its cards; absent if the programs file does not say. */
  design?: CardDesign;
  /** Its section of the programs file without the preview, from which it can be compiled again. */
  source: Json;
  /** Digest of `source`; it changes whenever the section does. */
  version: string;
  /** The whole create body, `templateId` included. */
  create: Template;
  /** JSON Patch documents; absent if the programs file has no such section. */
  update?: Template;
  notify?: Template;
  /** Attributes to write back to the customer after a create. */
  attributes: Template;
  /** Names of the attributes that `attributes` sets. */
  writesBack: readonly string[];
}

/** Returns the template for an action; undefined if the program has no such section. */
export function templateOf(program: Program, action: PassAction): Template | undefined {
  return program[action];
}
