import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import * as fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeHttpClient } from '../../../src/kit/http/client.ts';
import { MAX_RETRY_AFTER_MS, parseRetryAfter } from '../../../src/kit/http/retry-after.ts';

const HOUR = 3_600_000;
/** 2026-11-30T19:30:00Z, a Monday. */
const NOW = Date.UTC(2026, 10, 30, 19, 30);

describe('parseRetryAfter', () => {
  it.each<[header: string, ms: number | undefined]>([
    // Delay seconds.
    ['0', 0],
    ['120', 120_000],
    [' 120 ', 120_000],
    ['007', 7000],
    ['1.5', 1500],
    ['0.0001', 1],
    ['3600', HOUR],
    ['3601', HOUR],
    ['86400', HOUR],
    ['999999999', HOUR],
    // HTTP dates in the three formats of RFC 9110 §5.6.7.
    ['Mon, 30 Nov 2026 19:31:00 GMT', 60_000],
    ['Monday, 30-Nov-26 19:31:00 GMT', 60_000],
    ['Mon Nov 30 19:31:00 2026', 60_000],
    ['Tue Dec  1 19:31:00 2026', HOUR],
    ['Mon, 30 Nov 2026 19:29:00 GMT', 0],
    ['Fri, 31 Dec 9999 23:59:59 GMT', HOUR],
    ['Mon, 30 Nov 2026 20:31:00 +0100', 60_000],
    ['2026-11-30T19:31:00Z', 60_000],
    ['2026-11-30T20:31:00.500+01:00', 60_500],
    // Unix times: seconds, fractions of them, milliseconds, microseconds, nanoseconds; in the past; in the year 2286.
    [String(NOW / 1000 + 60), 60_000],
    [`${NOW / 1000 + 60}.25`, 60_250],
    [String(NOW + 60_000), 60_000],
    [`${NOW + 60_000}000`, 60_000],
    [`${NOW + 60_000}000000`, 60_000],
    [String(NOW / 1000 - 60), 0],
    [String(NOW - 60_000), 0],
    ['9999999999', HOUR],
    ['9'.repeat(30), HOUR],
    ['9'.repeat(400), HOUR],
    // Neither of them: as if there were no header.
    ['', undefined],
    ['-1', undefined],
    ['-1764531000', undefined],
    ['+60', undefined],
    ['1e9', undefined],
    ['0x3c', undefined],
    ['Infinity', undefined],
    ['NaN', undefined],
    ['60, 120', undefined],
    ['60s', undefined],
    ['soon 1', undefined],
    ['in 60 seconds', undefined],
    ['Mon, 99 Nov 2026 19:31:00 GMT', undefined],
    ['<html>', undefined],
  ])('reads %j as %s ms', (header, ms) => {
    expect(parseRetryAfter(header, { nowMs: NOW })).toBe(ms);
  });

  it('reads an absent header as undefined, and the first of several', () => {
    expect(parseRetryAfter(undefined, { nowMs: NOW })).toBeUndefined();
    expect(parseRetryAfter(['5', '60'], { nowMs: NOW })).toBe(5000);
  });

  it('never returns more than the maximum, nor less than 0', () => {
    const digits = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 40 });
    const anyHeader = fc.oneof(
      fc.string(),
      digits.map((all) => all.join('')),
      fc.double({ noNaN: true }).map(String),
      fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    );
    fc.assert(
      fc.property(anyHeader, fc.integer({ min: 0, max: HOUR }), (header, maxMs) => {
        const ms = parseRetryAfter(header, { nowMs: NOW, maxMs });
        expect(ms === undefined || (ms >= 0 && ms <= maxMs)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('caps at an hour by default', () => {
    expect(MAX_RETRY_AFTER_MS).toBe(HOUR);
  });
});

describe('the HTTP client', () => {
  it('applies its own maximum', async () => {
    expect(await answering({ 'retry-after': '600' })).toMatchObject({ retryAfterMs: 90_000 });
  });

  it('counts a date from the server’s clock if the server states it', async () => {
    const headers = {
      date: 'Sun, 06 Nov 1994 08:49:37 GMT',
      'retry-after': 'Sun, 06 Nov 1994 08:50:07 GMT',
    };
    expect(await answering(headers)).toMatchObject({ retryAfterMs: 30_000 });
  });
});

/** Calls a server that answers 429 with these headers and no others. */
async function answering(headers: Record<string, string>) {
  const server = createServer((_request, response) => {
    response.sendDate = false;
    response.writeHead(429, headers).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const http = makeHttpClient({
    baseUrl: `http://127.0.0.1:${port}`,
    timeoutMs: 10_000,
    maxRetryAfterMs: 90_000,
  });
  onTestFinished(() => http.close());
  return http.send({ method: 'GET', path: '/' });
}
