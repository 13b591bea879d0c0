/**
 * The files that Bloomreach's imports fetch: the write-backs of a large campaign as CSV, one line per customer, one
 * column per id and attribute, without those that are no longer a customer's newest. A file counts as delivered only if
 * it was fetched completely.
 */

import { Readable } from 'node:stream';
import { stringify } from 'csv-stringify/sync';
import type { FastifyInstance } from 'fastify';
import type { Json } from '../../domain/jobs/program.ts';
import type { WriteBack } from '../../domain/jobs/write-back.ts';
import type { Logger } from '../../kit/logger.ts';

export interface ImportEndpointOptions {
  log: Logger;
  /** Import batches: see the ledger. */
  importBatches: {
    contents(id: string): AsyncIterable<WriteBack[]>;
    serve(id: string): AsyncIterable<{ rows: WriteBack[]; sentByBatch: number }>;
    markDelivered(id: string): Promise<void>;
  };
}

type Row = Record<string, Json>;
type Pages = ReturnType<ImportEndpointOptions['importBatches']['serve']>;

/** Adds the endpoint to a guarded scope. */
export function addImportEndpoint(
  guarded: FastifyInstance,
  { importBatches, log }: ImportEndpointOptions,
): void {
  /** Answers with CSV; 404 once the file was delivered. */
  guarded.get<{ Params: { importBatch: string } }>('/imports/:importBatch.csv', async (request, reply) => {
    const { importBatch } = request.params;
    const columns = await columnsOf(importBatches.contents(importBatch));
    if (columns.length === 0)
      return reply.code(404).send({ success: false, message: 'there is no such file' });
    const counts = { rows: 0, sentByBatch: 0 };
    const rows = countingRows(importBatches.serve(importBatch), counts);
    // A HEAD request only checks the address.
    if (request.method === 'GET') {
      const { raw } = reply;
      raw.once('close', () => {
        const isComplete = raw.writableFinished;
        log.info(
          { event: 'write-back.import-file', importBatch, isComplete, ...counts },
          'import file fetched',
        );
        if (!isComplete) return;
        // A batch whose delivery is not recorded is imported again, and in the end sent by the tracking API.
        void importBatches.markDelivered(importBatch).catch((error: unknown) => {
          log.error({ event: 'write-back.import-file', importBatch, err: error }, 'delivery not recorded');
        });
      });
    }
    return reply.type('text/csv; charset=utf-8').send(Readable.from(lines(rows, columns)));
  });
}

/** Returns the ids, then the attributes. Customers of one campaign have the same, except for attributes that are empty. */
async function columnsOf(pages: AsyncIterable<WriteBack[]>): Promise<string[]> {
  const ids = new Set<string>();
  const attributes = new Set<string>();
  for await (const page of pages) {
    for (const writeBack of page) {
      const { customer_ids: own, properties } = dataOf(writeBack);
      for (const id of Object.keys(own)) ids.add(id);
      for (const attribute of Object.keys(properties)) attributes.add(attribute);
    }
  }
  return [...new Set([...ids, ...attributes])];
}

async function* countingRows(
  pages: Pages,
  counts: { rows: number; sentByBatch: number },
): AsyncIterable<WriteBack[]> {
  for await (const { rows, sentByBatch } of pages) {
    counts.rows += rows.length;
    counts.sentByBatch += sentByBatch;
    yield rows;
  }
}

async function* lines(pages: AsyncIterable<WriteBack[]>, columns: readonly string[]): AsyncIterable<string> {
  yield stringify([[...columns]]);
  for await (const page of pages) {
    yield stringify(
      page.map((writeBack) => {
        const { customer_ids: ids, properties } = dataOf(writeBack);
        const row: Row = { ...properties, ...ids };
        return columns.map((column) => cell(row[column]));
      }),
    );
  }
}

function dataOf({ data }: WriteBack): { customer_ids: Row; properties: Row } {
  return data as { customer_ids: Row; properties: Row };
}

function cell(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
