/** Ways to make something go wrong in a watched world, and to mend it. */

import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { parseFaultRule } from '../../src/sandbox/fault-text.ts';
import { eventually } from '../support/eventually.ts';
import type { Role, World } from './watched-world.ts';

/** A rule of the sandbox's, as text. */
export function script({ sandbox }: World, text: string): void {
  const parsed = parseFaultRule(text);
  if (!parsed.ok) throw new Error(parsed.error);
  sandbox.faults.add(parsed.rule);
}

/** Passmachine and Bloomreach are well again. */
export async function clear({ sandbox }: World): Promise<void> {
  sandbox.faults.clear();
  sandbox.setOutage('passmachine', 'off');
  sandbox.setOutage('bloomreach', 'off');
  sandbox.setLatency({ latencyMs: 5, jitterMs: 0 });
}

/** A JSON Web Token that ends in so many seconds; nobody's signature. */
export function tokenFor(seconds: number): string {
  const parts = [{ alg: 'HS256' }, { exp: Math.floor(Date.now() / 1000) + seconds }];
  const encoded = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
  return [...encoded, 'none'].join('.');
}

/** As on a machine without CPU: it stands still most of the time, until the alert fires. */
export async function starve(world: World, role: Role, alert: string): Promise<void> {
  const child = world.child(role);
  for (let round = 0; round < 100; round += 1) {
    child.kill('SIGSTOP');
    await delay(150);
    child.kill('SIGCONT');
    await delay(50);
    if (round % 5 === 0 && (await world.dueRun()).includes(alert)) return;
  }
}

/** Killed and started; waits until Prometheus has seen the new one. */
export async function startAnew(world: World, role: Role): Promise<void> {
  const before = await world.startOf(role);
  await world.kill(role);
  await world.launch(role);
  await eventually(async () => {
    const now = await world.startOf(role);
    expect(now).toBeDefined();
    expect(now).not.toBe(before);
  }, 20_000);
}
