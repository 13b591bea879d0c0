/** Who may reach this server, by its settings. */

import { isLoopback } from '../kit/http/loopback.ts';
import type { Environment, SettingName } from './environment.ts';

/** Returns the settings by which other machines, or a proxy, may reach this server; none if only this machine can. */
export function exposingSettings(env: Environment): SettingName[] {
  const { HOST: host, PUBLIC_URL: publicUrl, TRUST_PROXY: proxies } = env;
  return [
    ...(isLoopback(host) ? [] : ['HOST' as const]),
    ...(publicUrl === undefined || isLoopback(new URL(publicUrl).hostname) ? [] : ['PUBLIC_URL' as const]),
    ...(proxies === undefined ? [] : ['TRUST_PROXY' as const]),
  ];
}
