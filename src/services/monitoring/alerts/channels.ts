/** The channels that messages are sent to: Slack, and a signed webhook. */

import type { Config } from '../../../config/config.ts';
import { makeHttpClient } from '../../../kit/http/client.ts';
import type { ProxySettings } from '../../../kit/http/proxy.ts';
import { type AlertMessage, type FormattedMessage, signedMessage, slackMessage } from './messages.ts';

export interface AlertChannel {
  /** Identifies the channel in Redis and in the log. */
  name: string;
  /** Resolves with undefined once the message is accepted, or with the error. */
  send(message: AlertMessage): Promise<string | undefined>;
  close(): Promise<void>;
}

const TIMEOUT_MS = 10_000;

/** Opens the configured channels. The public URL of the dashboard is included in the messages. */
export function openAlertChannels({
  alerts: { slackUrl, webhook },
  http: { publicUrl: dashboard },
  proxies,
}: Pick<Config, 'alerts' | 'http' | 'proxies'>): AlertChannel[] {
  const openChannel = (
    name: string,
    url: string,
    format: (message: AlertMessage) => FormattedMessage,
  ): AlertChannel => makeChannel(name, url, proxies, format);
  return [
    ...(slackUrl === undefined
      ? []
      : [openChannel('slack', slackUrl, (message) => slackMessage(message, dashboard))]),
    ...(webhook === undefined
      ? []
      : [
          openChannel('webhook', webhook.url, (message) => signedMessage(message, dashboard, webhook.secret)),
        ]),
  ];
}

function makeChannel(
  name: string,
  url: string,
  proxies: ProxySettings,
  format: (message: AlertMessage) => FormattedMessage,
): AlertChannel {
  const { origin, pathname, search } = new URL(url);
  const http = makeHttpClient({ baseUrl: origin, timeoutMs: TIMEOUT_MS, proxies });
  return {
    name,
    async send(message) {
      const { body, headers } = format(message);
      const result = await http.send({ method: 'POST', path: `${pathname}${search}`, headers, body });
      if (!result.answered) return result.detail;
      return result.status >= 200 && result.status < 300 ? undefined : `HTTP status ${result.status}`;
    },
    close: http.close,
  };
}
