/** OpenTelemetry traces, received by a collector in the test as JSON over HTTP. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeWorkspace } from '../support/cli.ts';
import { goodCustomers } from '../support/customers.ts';

interface Span {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  /** 3: client, an outgoing call; 5: consumer, a job. */
  kind: number;
  attributes: { key: string; value: { stringValue?: string; intValue?: number } }[];
}

async function startCollector() {
  const spans: Span[] = [];
  const names = new Set<string>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString()) as {
        resourceSpans: { resource: { attributes: Span['attributes'] }; scopeSpans: { spans: Span[] }[] }[];
      };
      for (const { resource, scopeSpans } of resourceSpans) {
        names.add(attributeOf(resource, 'service.name') ?? '');
        spans.push(...scopeSpans.flatMap((scope) => scope.spans));
      }
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans, names };
}

function attributeOf({ attributes }: Pick<Span, 'attributes'>, name: string): string | undefined {
  return attributes.find(({ key }) => key === name)?.value.stringValue;
}

describe('traces', () => {
  it('contain a span per job with the spans of its calls', async () => {
    const { start, write } = await makeWorkspace({
      faults: [{ target: 'create', fault: { status: 503, retryAfter: 0 }, times: 1 }],
    });
    const collector = await startCollector();
    await write('export.csv', goodCustomers(5));
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      TRACE_PERCENT: '100',
      OTEL_SERVICE_NAME: 'cards',
    };
    // In a process, because tracing instruments every HTTP client of the process it runs in.
    expect((await start(['issue', 'loyalty', 'export.csv'], env).ended).code).toBe(0);
    const { spans, names } = collector;
    const jobs = spans.filter(({ kind }) => kind === 5);
    expect(names).toEqual(new Set(['cards']));
    expect(jobs.length).toBeGreaterThanOrEqual(6);
    expect(new Set(jobs.map(({ traceId }) => traceId)).size).toBe(jobs.length);
    const calls = spans.filter(({ kind }) => kind === 3);
    const creates = calls.filter((span) => attributeOf(span, 'url.path')?.endsWith('/passes') === true);
    expect(creates).toHaveLength(6);
    for (const { parentSpanId, traceId } of creates) {
      expect(jobs.some((job) => job.spanId === parentSpanId && job.traceId === traceId)).toBe(true);
    }
  });

  it('are not sent without OTEL_EXPORTER_OTLP_ENDPOINT', async () => {
    const { run, write } = await makeWorkspace();
    const collector = await startCollector();
    await write('export.csv', goodCustomers(2));
    expect((await run(['issue', 'loyalty', 'export.csv'])).code).toBe(0);
    expect(collector.spans).toEqual([]);
  });
});
