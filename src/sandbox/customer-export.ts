/**
 * Simulates `customers/export`: the generated customers with what was written to them since, and all other customers
 * that were written to. Refusals that Bloomreach does not document have the shapes of its other calls.
 */

import { z } from 'zod';
import { type Answer, answer, type Call } from './call.ts';
import type { CustomerRecords, StoredCustomer } from './customers.ts';
import {
  type ExportedCustomer,
  isPopulationId,
  populationCustomer,
  populationId,
  populationIds,
  populationProperties,
} from './population.ts';

export interface CustomerExportOptions {
  /** Number of generated customers. */
  customers: number;
  /** Number of segments of each segmentation. Customers are assigned to the segments in turn. */
  segmentations: Readonly<Record<string, number>>;
}

/** `table_json` is left out, because passbridge does not request it. */
const exportFormats = ['csv', 'native_json'] as const;

const columnSchema = z.union([
  z.strictObject({ type: z.literal('id'), id: z.string() }),
  z.strictObject({ type: z.literal('property'), property: z.string() }),
]);

const exportRequest = z.object({
  attributes: z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.literal('some'), list: z.array(columnSchema).min(1) }),
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

type Column = z.infer<typeof columnSchema>;
/** Cells in the order of the columns, as JSON. */
type Row = readonly unknown[];

/** Every nth customer; `index` counts from 0. */
interface Segment {
  segments: number;
  index: number;
}

const allCustomers: Segment = { segments: 1, index: 0 };

/** Returns a function that answers exports; `written` are the customers that were written to. */
export function makeCustomerExport(options: CustomerExportOptions, written: CustomerRecords) {
  const { customers, segmentations } = options;

  function* exportedCustomers(): Generator<ExportedCustomer> {
    for (let n = 1; n <= customers; n += 1) {
      const stored = written.get(`registered:${populationId(n)}`);
      const customer = populationCustomer(n);
      yield stored === undefined ? customer : { ...customer, property: overlaid(stored, customer) };
    }
    for (const stored of written.all()) {
      if (!isPopulationId(stored.ids['registered'] ?? '', customers)) yield storedCustomer(stored);
    }
  }

  function* rowsOf(columns: readonly Column[], { segments, index }: Segment): Generator<Row> {
    let position = 0;
    for (const customer of exportedCustomers()) {
      if (position % segments === index) yield columns.map((column) => cellOf(customer, column));
      position += 1;
    }
  }

  return ({ json }: Call): Answer => {
    const request = exportRequest.safeParse(json);
    if (!request.success) return answer(400, { success: false, errors: problemsOf(request.error) });
    const { attributes, filter, format } = request.data;
    let segment = allCustomers;
    if (filter !== undefined) {
      const segments = new Map(Object.entries(segmentations)).get(filter.segmentation_id);
      if (segments === undefined) return refused('Segmentation does not exist');
      if (filter.segment_index >= segments) return refused('Segment does not exist');
      segment = { segments, index: filter.segment_index };
    }
    const columns = attributes.type === 'some' ? attributes.list : allColumns;
    return {
      status: 200,
      text: '',
      pieces: inPieces(writers[format](columns, rowsOf(columns, segment))),
      contentType: format === 'csv' ? 'text/csv' : 'application/json',
      applied: false,
    };
  };
}

const allColumns: readonly Column[] = [
  ...populationIds.map((id) => ({ type: 'id' as const, id })),
  ...populationProperties.map((property) => ({ type: 'property' as const, property })),
];

function cellOf(customer: ExportedCustomer, column: Column): unknown {
  return (column.type === 'id' ? customer.id(column.id) : customer.property(column.property)) ?? null;
}

/** Written properties take precedence over generated ones. */
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

/** A refusal with status 200, as all of Bloomreach's calls may send. */
function refused(problem: string): Answer {
  return answer(200, { success: false, errors: { _global: [problem] } });
}

function problemsOf(error: z.ZodError): Record<string, string[]> {
  const problems: Record<string, string[]> = {};
  for (const { path, message } of error.issues) {
    (problems[path.join('.') || '_global'] ??= []).push(message);
  }
  return problems;
}

type Write = (columns: readonly Column[], rows: Iterable<Row>) => Iterable<string>;

/** The formats, as text in pieces, so that an export of any size needs no memory. */
const writers: Readonly<Record<(typeof exportFormats)[number], Write>> = {
  *csv(columns, rows) {
    yield csvLine(columns.map((column) => (column.type === 'id' ? column.id : column.property)));
    for (const row of rows) yield csvLine(row);
  },
  *native_json(columns, rows) {
    yield `{"success":true,"fields":${JSON.stringify(columns)},"data":[`;
    let separator = '';
    for (const row of rows) {
      yield separator + JSON.stringify(row);
      separator = ',';
    }
    yield ']}';
  },
};

function csvLine(cells: Row): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

/** Arrays are written as JSON; Bloomreach does not document their format. */
function csvCell(value: unknown): string {
  const text = typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Characters per piece: far fewer writes than rows, and hardly any memory. */
const PIECE_LENGTH = 64 * 1024;

function* inPieces(texts: Iterable<string>): Generator<string> {
  let piece = '';
  for (const text of texts) {
    piece += text;
    if (piece.length < PIECE_LENGTH) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}
