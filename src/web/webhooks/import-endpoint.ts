/**
 * The files that Bloomreach's imports fetch: the write-backs of a large campaign as CSV, one line per customer, one
 * column per id and attribute. A file counts as delivered only if it was fetched completely.
 */

import { Readable } from 'node:stream';
import { stringify } from 'csv-stringify/sync';
import type { FastifyInstance } from 'fastify';
import type { Json } from '../../domain/jobs/program.ts';
import type { WriteBack } from '../../domain/jobs/write-back.ts';

export interface ImportEndpointOptions {
  /** Import batches: see the ledger. */
  importBatches: {
    contents(id: string): AsyncIterable<WriteBack[]>;
    markDelivered(id: string): Promise<void>;
  };
}

type Row = Record<string, Json>;

/** Adds the endpoint to a guarded scope. */
export function addImportEndpoint(guarded: FastifyInstance, { importBatches }: ImportEndpointOptions): void {
  /** Answers with CSV; 404 once the file was delivered. */
  guarded.get<{ Params: { importBatch: string } }>('/imports/:importBatch.csv', async (request, reply) => {
    const { importBatch } = request.params;
    const columns = await columnsOf(importBatches.contents(importBatch));
    if (columns.length === 0)
      return reply.code(404).send({ success: false, message: 'there is no such file' });
    // A HEAD request only checks the address.
    if (request.method === 'GET') {
      reply.raw.once('finish', () => {
        void importBatches.markDelivered(importBatch).catch((error: unknown) => request.log.error(error));
      });
    }
    return reply
      .type('text/csv; charset=utf-8')
      .send(Readable.from(lines(importBatches.contents(importBatch), columns)));
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
