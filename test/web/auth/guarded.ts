/** A whole passbridge whose dashboard requires sign-in, and one that does not. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { onTestFinished } from 'vitest';
import { type OperatorEntry, saveOperators } from '../../../src/config/operators.ts';
import { type OperatorRole, operatorRoles } from '../../../src/domain/operators/operator.ts';
import { startBridge } from '../../support/bridge.ts';
import { makeBrowser } from './browser.ts';
import { cheapHash } from './cheap-hash.ts';

export const PASSWORD = 'correct horse battery';

/** Has one operator per role, named like the role; all with {@link PASSWORD}. */
export async function openGuarded(env: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'passbridge-operators-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'operators.yaml');
  const password = cheapHash(PASSWORD);
  const all = new Map<string, OperatorEntry>(operatorRoles.map((role) => [role, { role, password }]));
  await saveOperators(file, all);
  const bridge = await startBridge({ env: { OPERATORS_FILE: file, ...env } });
  const server = await bridge.passbridge.startWeb(
    { programs: bridge.programs, schedules: new Map() },
    () => new Map(),
  );
  const browser = () => makeBrowser(server.url);
  return {
    ...bridge,
    server,
    browser,
    operators: { all, save: () => saveOperators(file, all), spoil: () => writeFile(file, 'operators: [') },
    /** Returns a browser that is signed in with the role. */
    async signedIn(role: OperatorRole) {
      const one = browser();
      await one.signIn(role, PASSWORD);
      return one;
    },
  };
}

/** Has no operators, so its dashboard is open to this machine only, with the access token. */
export async function openUnguarded(env: Record<string, string> = {}) {
  const bridge = await startBridge({ env });
  const server = await bridge.passbridge.startWeb(
    { programs: bridge.programs, schedules: new Map() },
    () => new Map(),
  );
  const { dashboard } = server;
  const token = 'url' in dashboard ? (new URL(dashboard.url).searchParams.get('token') ?? '') : '';
  const browser = () => makeBrowser(server.url);
  return {
    ...bridge,
    server,
    token,
    browser,
    /** Returns a browser that has opened the printed address. */
    async signedIn() {
      const one = browser();
      await one.send(`/sign-in?token=${token}`);
      return one;
    },
  };
}
