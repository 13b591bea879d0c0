/**
 * Random hostile templates and customers. TEMPLATE_RUNS sets the number of each, for a long run:
 * `TEMPLATE_RUNS=100000 npx vitest run --project process test/programs/template/hostile-templates.process.test.ts`
 */

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { platform } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileCondition } from '../../../src/programs/template/condition.ts';
import { compileRule } from '../../../src/programs/template/edit-rule.ts';
import { compileSection } from '../../../src/programs/template/section.ts';
import { HONEST_TEMPLATES, hostileCustomer, hostileTemplate } from '../../support/hostile-templates.ts';
import { makeJob } from '../../support/make.ts';
import { propertyRuns } from '../../support/property-runs.ts';

const numRuns = Number(process.env['TEMPLATE_RUNS'] ?? propertyRuns(900));

/** Processor time: unlike elapsed time, it does not depend on what else runs on this machine. */
const MAX_BLOCK_MS = 200;

/** A thread that does nothing: its delays are those of the machine. */
const idle = new Worker(
  `const { monitorEventLoopDelay } = require('node:perf_hooks');
   const { parentPort } = require('node:worker_threads');
   const delay = monitorEventLoopDelay({ resolution: 10 });
   delay.enable();
   parentPort.on('message', () => { parentPort.postMessage(delay.max / 1e6); delay.reset(); });`,
  { eval: true },
);
const delay = monitorEventLoopDelay({ resolution: 10 });

beforeAll(() => {
  // Opening the first engine takes longer than any render; a process does it when it loads its programs.
  expectWorkingEngine();
  delay.enable();
});
afterAll(() => idle.terminate());

/** The longest processor time of one turn, in ms, with what took it. */
let longest = { ms: 0, of: '' };

function timed<T>(of: string, work: () => T): T {
  const before = threadCpuMs();
  try {
    return work();
  } finally {
    const ms = threadCpuMs() - before;
    if (ms > longest.ms) longest = { ms, of };
  }
}

/**
 * Returns the processor time of this thread. `process.cpuUsage()` adds that of all threads, such as a garbage collection
 * that blocks nothing; Node has `threadCpuUsage` only from version 23.9.
 */
function threadCpuMs(): number {
  if (platform() === 'linux')
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e6;
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function expectWorkingEngine() {
  const compiled = compileSection('create', { a: '{{ customer.name | upper }}' });
  const rendered = compiled.ok
    ? compiled.template.render({ customer: { name: 'jan' }, customer_ids: {}, time: 1 })
    : compiled;
  expect(rendered).toEqual({ ok: true, body: { a: 'JAN' } });
}

async function report(what: string) {
  const machine = once(idle, 'message');
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  idle.postMessage('delay');
  const [idleMax] = (await machine) as [number];
  // oxlint-disable-next-line eslint/no-console -- the figures of a long run
  console.log(
    `${numRuns} ${what}: longest turn ${longest.ms.toFixed(0)} ms of processor time, event loop delay at most ${(delay.max / 1e6).toFixed(0)} ms, of an idle thread ${idleMax.toFixed(0)} ms; ${(process.memoryUsage.rss() / 2 ** 20).toFixed(0)} MB`,
  );
  const found = longest;
  longest = { ms: 0, of: '' };
  delay.reset();
  expectWorkingEngine();
  return found;
}

describe('hostile templates', { timeout: 40_000_000 }, () => {
  it('neither block nor break the process when an operator previews them', async () => {
    await fc.assert(
      fc.asyncProperty(hostileTemplate, hostileCustomer, async (template, attributes) => {
        const job = makeJob(1, { customer: { ids: { registered: 'c-1' }, attributes } });
        const rule = timed(template, () => compileRule({ attribute: 'x', template }));
        await setImmediate();
        if (rule.ok) timed(`render ${template}`, () => rule.edit(job, 1_800_000_000));
        const condition = timed(`where ${template}`, () => compileCondition(template));
        await setImmediate();
        const context = { customer: attributes, customer_ids: {}, time: 1_800_000_000 };
        if (condition.ok) timed(`match ${template}`, () => condition.condition.evaluate(context));
        await setImmediate();
      }),
      { numRuns, endOnFailure: true },
    );
    const { ms, of } = await report('templates');
    expect(ms, of.slice(0, 2000)).toBeLessThan(MAX_BLOCK_MS);
  });

  it('are refused or bounded in a program, whatever the customer', async () => {
    const programs = HONEST_TEMPLATES.map((source) => {
      const compiled = compileSection('create', { source });
      if (!compiled.ok) throw new Error(`${source}: ${compiled.problems[0]?.problem}`);
      return { source, template: compiled.template };
    });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...programs),
        hostileCustomer,
        async ({ source, template }, customer) => {
          timed(source, () => template.render({ customer, customer_ids: {}, time: 1_800_000_000 }));
          await setImmediate();
        },
      ),
      { numRuns, endOnFailure: true },
    );
    const { ms, of } = await report('customers');
    expect(ms, of.slice(0, 2000)).toBeLessThan(MAX_BLOCK_MS);
  });
});
