/**
 * A program is one card design. The programs file describes it, `config/` compiles it, and the
 * stages only render it.
 */

import type { Failure } from '../failures/failure.ts';
import type { Customer, PassAction } from './pass-job.ts';

/** The guide's fifteen kinds of card. */
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

/** What a template can see, under Bloomreach's own names. */
export interface TemplateContext {
  customer: Customer['attributes'];
  customer_ids: Customer['ids'];
  /** Unix seconds. */
  time: number;
  /** The campaign's notification text; only where there is one. */
  text?: string;
  /** The card's own code; only in `create` and `attributes` of a program that has vouchers. */
  voucher?: string;
  /** Passmachine's answer to a create, in the envelope that the guide expects; only in `attributes`. */
  webhook?: Json;
}

/** Stands for a card's code where the card is only looked at: none is drawn then. */
export const SAMPLE_VOUCHER = 'VOUCHER';

/** A body as rendered for one customer, or why it could not be; `aborted`: the template leaves them out, for this reason. */
export type Rendered =
  | { ok: true; body: Json }
  | { ok: false; failure: Failure }
  | { ok: false; aborted: string };

/** Why a body could not be rendered, for a person. */
export function whyUnrendered(rendered: Extract<Rendered, { ok: false }>): string {
  if (!('aborted' in rendered)) return rendered.failure.detail;
  return `the template leaves them out${rendered.aborted === '' ? '' : `: ${rendered.aborted}`}`;
}

/** A JSON body with Jinja in its leaf strings, compiled. */
export interface Template {
  render(context: TemplateContext): Rendered;
  /** Whether it mentions the campaign's text. */
  readonly usesText: boolean;
  /** Whether it mentions the card's voucher code. */
  readonly usesVoucher: boolean;
  /** Names of customer attributes that it mentions. */
  readonly uses: readonly string[];
  /** Those among them without which it cannot be rendered: no `default`, no `if` around them. */
  readonly needs: readonly string[];
}

/** One card design: how a customer fills it and what is written back. */
export interface Program {
  name: string;
  card: CardType;
  /** Passmachine's id of the card template. */
  templateId: string;
  /** Name of the pool that its cards draw their codes from: the path of their file. Absent where they have none. */
  vouchers?: string;
  /** What the programs file says of it, from which it can be made again. */
  source: Json;
  /** Digest of the source: tells apart what the file has said of it over time. */
  version: string;
  /** The whole create body, `templateId` included. */
  create: Template;
  /** JSON Patch documents; absent where the programs file has no such section. */
  update?: Template;
  notify?: Template;
  /** Attributes to write back to the customer once a card was made. */
  attributes: Template;
  /** Names of those attributes. */
  writesBack: readonly string[];
}

/** The template that an action sends, or undefined where the program has no such section. */
export function templateOf(program: Program, action: PassAction): Template | undefined {
  return program[action];
}
