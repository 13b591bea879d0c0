/** The dashboard of a process without operators: the address that it prints holds the access token. */

import { printed, type Running } from './cli.ts';

export interface PrintedDashboard {
  /** Origin of the server. */
  url: string;
  /** The printed address: opening it signs in. */
  address: string;
  /** Headers with which a script is allowed in. */
  bearer: { authorization: string };
}

/** Waits until the process prints the address. */
export async function printedDashboard(up: Running): Promise<PrintedDashboard> {
  const [address, token] = await printed(up, /http:\S+\/sign-in\?token=(\S+)/);
  return { url: new URL(address).origin, address, bearer: { authorization: `Bearer ${token}` } };
}
