/**
 * The stand-in for `customers/export`: made-up customers, with what was written to them since, and
 * whoever else was written to. Where their documentation is silent, its refusals take the shapes of
 * its other calls.
 */

import { z } from 'zod';
import { type Answer, answer, type Call } from './call.ts';
import type { CustomerRecords, StoredCustomer } from './customers.ts';
import { type ExportColumn, exportFormats, type ExportRow, inPieces, writeExport } from './export-format.ts';
import {
  type ExportedCustomer,
  isPopulationId,
  populationCustomer,
  populationId,
  populationIds,
  populationProperties,
} from './population.ts';

export interface CustomerExportOptions {
  /** How many customers are made up, beside those who were written to. */
  customers: number;
  /** How many segments each known segmentation has; customers are dealt out to them in turn, and all have one. */
  segmentations: Readonly<Record<string, number>>;
}

const column = z.union([
  z.strictObject({ type: z.literal('id'), id: z.string() }),
  z.strictObject({ type: z.literal('property'), property: z.string() }),
]);

const exportOrder = z.object({
  attributes: z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.literal('some'), list: z.array(column).min(1) }),
      z.strictObject({ type: z.literal('properties_and_ids') }),
    ])
    .default({ type: 'properties_and_ids' }),
  filter: z
    .strictObject({
      type: z.literal('segment'),
      segmentation_id: z.string(),
      segment_index: z.int().min(-1),
    })
    .optional(),
  execution_time: z.number().optional(),
  timezone: z.string().optional(),
  format: z.enum(exportFormats),
});

/** Every so many customers, from a place counted from 0. */
interface Share {
  segments: number;
  index: number;
}

const everyone: Share = { segments: 1, index: 0 };

/** Answers exports; `written` are the customers who were written to. */
export function makeCustomerExport(options: CustomerExportOptions, written: CustomerRecords) {
  const { customers, segmentations } = options;

  function* everybody(): Generator<ExportedCustomer> {
    for (let n = 1; n <= customers; n += 1) {
      const stored = written.get(`registered:${populationId(n)}`);
      const customer = populationCustomer(n);
      yield stored === undefined ? customer : { ...customer, property: overlaid(stored, customer) };
    }
    for (const stored of written.all()) {
      if (!isPopulationId(stored.ids['registered'] ?? '', customers)) yield storedCustomer(stored);
    }
  }

  function* rowsOf(columns: readonly ExportColumn[], { segments, index }: Share): Generator<ExportRow> {
    let place = 0;
    for (const customer of everybody()) {
      if (place % segments === index) yield columns.map((one) => cellOf(customer, one));
      place += 1;
    }
  }

  return ({ json }: Call): Answer => {
    const order = exportOrder.safeParse(json);
    if (!order.success) return answer(400, { success: false, errors: problemsOf(order.error) });
    const { attributes, filter, format } = order.data;
    let share = everyone;
    if (filter !== undefined) {
      const segments = new Map(Object.entries(segmentations)).get(filter.segmentation_id);
      if (segments === undefined) return refused('Segmentation does not exist');
      if (filter.segment_index >= segments) return refused('Segment does not exist');
      share = { segments, index: filter.segment_index };
    }
    const columns = attributes.type === 'some' ? attributes.list : allColumns;
    return {
      status: 200,
      text: '',
      pieces: inPieces(writeExport[format](columns, rowsOf(columns, share))),
      contentType: format === 'csv' ? 'text/csv' : 'application/json',
      applied: false,
    };
  };
}

const allColumns: readonly ExportColumn[] = [
  ...populationIds.map((id) => ({ type: 'id' as const, id })),
  ...populationProperties.map((property) => ({ type: 'property' as const, property })),
];

function cellOf(customer: ExportedCustomer, one: ExportColumn): unknown {
  return (one.type === 'id' ? customer.id(one.id) : customer.property(one.property)) ?? null;
}

/** What was written wins. */
function overlaid({ properties }: StoredCustomer, customer: ExportedCustomer): ExportedCustomer['property'] {
  return (name) => properties.get(name)?.value ?? customer.property(name);
}

function storedCustomer({ ids, properties }: StoredCustomer): ExportedCustomer {
  return {
    id(type) {
      const id = ids[type] ?? null;
      return id === null || type === 'registered' ? id : [id];
    },
    property: (name) => properties.get(name)?.value,
  };
}

/** A 200 that is none: the trap that all of their calls have. */
function refused(why: string): Answer {
  return answer(200, { success: false, errors: { _global: [why] } });
}

function problemsOf(error: z.ZodError): Record<string, string[]> {
  const problems: Record<string, string[]> = {};
  for (const { path, message } of error.issues) {
    (problems[path.join('.') || '_global'] ??= []).push(message);
  }
  return problems;
}
