import Fastify from 'fastify';
import { expect, it, onTestFinished } from 'vitest';
import { makeLogger } from '../../../src/kit/logger.ts';
import { addImportEndpoint } from '../../../src/web/webhooks/import-endpoint.ts';
import { makeWriteBack } from '../../support/make.ts';

/** The endpoint with a file of two customers; a third one has a newer card, which was sent by batch. `markDelivered` runs first. */
async function setUp({ markDelivered = async () => {} }: { markDelivered?: () => Promise<void> } = {}) {
  const delivered: string[] = [];
  const lines: Record<string, unknown>[] = [];
  const rows = [makeWriteBack(1), makeWriteBack(2)];
  const server = Fastify();
  addImportEndpoint(server, {
    importBatches: {
      contents: async function* () {
        yield rows;
      },
      serve: async function* () {
        yield { rows, sentByBatch: 1 };
      },
      markDelivered: async (id) => {
        await markDelivered();
        delivered.push(id);
      },
    },
    log: makeLogger('info', {
      write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>),
    }),
  });
  onTestFinished(() => server.close());
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  return { delivered, lines, file: `${url}/imports/batch-1.csv` };
}

it('records a file as delivered once it was fetched completely, and logs its counts', async () => {
  const { delivered, lines, file } = await setUp();
  const answer = await fetch(file);
  expect(await answer.text()).toBe('registered,passmachine_pass_id\nc-1,p-1\nc-2,p-2\n');
  await expect.poll(() => delivered).toEqual(['batch-1']);
  expect(lines).toMatchObject([
    {
      level: 'info',
      event: 'write-back.import-file',
      importBatch: 'batch-1',
      isComplete: true,
      rows: 2,
      sentByBatch: 1,
    },
  ]);
});

it('neither logs nor records a request that only checks the address', async () => {
  const { delivered, lines, file } = await setUp();
  expect((await fetch(file, { method: 'HEAD' })).status).toBe(200);
  await (await fetch(file)).text();
  await expect.poll(() => delivered).toEqual(['batch-1']);
  expect(lines).toHaveLength(1);
});

it('logs why the delivery of a file could not be recorded', async () => {
  const { lines, file } = await setUp({
    markDelivered: async () => {
      throw new Error('Redis is away');
    },
  });
  await (await fetch(file)).text();
  await expect.poll(() => lines).toHaveLength(2);
  expect(lines[1]).toMatchObject({
    level: 'error',
    event: 'write-back.import-file',
    importBatch: 'batch-1',
    err: { message: 'Redis is away' },
  });
});
