/** The dashboard of a process without operators: its printed address holds the access token. */

import { printed, type Running } from './cli.ts';

/** Waits for the address. `bearer`: headers with which a script is allowed in. */
export async function printedDashboard(
  up: Running,
): Promise<{ address: string; bearer: { authorization: string } }> {
  const [address, token] = await printed(up, /http:\S+\/sign-in\?token=(\S+)/);
  return { address, bearer: { authorization: `Bearer ${token}` } };
}
