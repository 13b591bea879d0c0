/** Whether HOST, where this server listens, and PUBLIC_URL, where others are told to find it, belong together. */

import type { Config } from '../../config/config.ts';
import { about, type Finding } from './finding.ts';
import { isLocalHost } from './local-name.ts';

export function addressFinding({ host, port, publicUrl }: Config['http']): Finding {
  const { ok, info, warning } = about('addresses');
  const listens = `it listens at ${host}:${port}`;
  if (publicUrl === undefined) {
    return isLocalHost(host)
      ? ok(`${listens}, for this machine only`)
      : warning(
          `${listens}, and PUBLIC_URL does not say how others reach it`,
          'Set PUBLIC_URL, e.g. https://cards.example.com, or HOST=127.0.0.1.',
        );
  }
  const { protocol, hostname, port: publicPort } = new URL(publicUrl);
  if (isLocalHost(hostname)) {
    if (!isLocalHost(host)) {
      return warning(
        `${listens}, but PUBLIC_URL is an address that only this machine understands`,
        'Set PUBLIC_URL to the address that others use.',
      );
    }
    // Without a proxy in between, the two ports are the same.
    return Number(publicPort || (protocol === 'https:' ? 443 : 80)) === port
      ? ok(`${listens}, which PUBLIC_URL says as well`)
      : info(`${listens}, and PUBLIC_URL leads to another port of this machine: something has to pass it on`);
  }
  if (protocol === 'http:') {
    return warning(
      'PUBLIC_URL is not encrypted: passwords and customers’ data could be read on the way',
      'Put a proxy with TLS in front; Bloomreach calls https with a public certificate only.',
    );
  }
  return isLocalHost(host)
    ? info(`${listens}: a proxy on this machine has to pass ${publicUrl} on to it`)
    : ok(`${listens}; others reach it at ${publicUrl}`);
}
