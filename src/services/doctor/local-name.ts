/** Names and addresses that only this machine understands. */

/** Whether only this machine can be meant; brackets around an IPv6 address may be there. */
export function isLocalHost(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[?::1\]?)$/i.test(host);
}
