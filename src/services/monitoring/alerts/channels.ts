/** The channels that alerts are sent to, and the message format of each: Slack, and a signed webhook. */

import { createHmac } from 'node:crypto';
import type { Config } from '../../../config/config.ts';
import type { AlertChange } from '../../../domain/monitoring/alert-changes.ts';
import type { Alert } from '../../../domain/monitoring/overview.ts';
import { makeHttpClient } from '../../../kit/http/client.ts';
import type { ProxySettings } from '../../../kit/http/proxy.ts';

export interface AlertChannel {
  /** Identifies the channel in Redis and in the log. */
  name: string;
  /** Resolves with undefined once the message is accepted, or with the error. */
  send(change: AlertChange): Promise<string | undefined>;
  close(): Promise<void>;
}

interface Message {
  body: string;
  headers: Record<string, string>;
}

const TIMEOUT_MS = 10_000;

/** Opens the configured channels. The public URL of the dashboard is included in the messages. */
export function openAlertChannels({
  alerts: { slackUrl, webhook },
  http: { publicUrl: dashboard },
  proxies,
}: Pick<Config, 'alerts' | 'http' | 'proxies'>): AlertChannel[] {
  const openChannel = (name: string, url: string, format: (change: AlertChange) => Message): AlertChannel =>
    makeChannel(name, url, proxies, format);
  return [
    ...(slackUrl === undefined
      ? []
      : [openChannel('slack', slackUrl, (change) => slackMessage(change, dashboard))]),
    ...(webhook === undefined
      ? []
      : [openChannel('webhook', webhook.url, (change) => signedMessage(change, dashboard, webhook.secret))]),
  ];
}

function makeChannel(
  name: string,
  url: string,
  proxies: ProxySettings,
  format: (change: AlertChange) => Message,
): AlertChannel {
  const { origin, pathname, search } = new URL(url);
  const http = makeHttpClient({ baseUrl: origin, timeoutMs: TIMEOUT_MS, proxies });
  return {
    name,
    async send(change) {
      const { body, headers } = format(change);
      const result = await http.send({ method: 'POST', path: `${pathname}${search}`, headers, body });
      if (!result.answered) return result.detail;
      return result.status >= 200 && result.status < 300 ? undefined : `HTTP status ${result.status}`;
    },
    close: http.close,
  };
}

const titles: Readonly<Record<AlertChange['kind'], string>> = {
  opened: 'passbridge: needs attention',
  worsened: 'passbridge: new problems',
  improved: 'passbridge: some problems are resolved',
  resolved: 'passbridge: all problems are resolved',
};

/** Alerts listed individually in a Slack message. */
const MAX_LISTED = 10;

/** Formats a message for Slack and compatible services. */
function slackMessage({ kind, active, resolved }: AlertChange, dashboard: string | undefined): Message {
  const lines = [
    `*${titles[kind]}*`,
    ...listed(active, ({ text, remedy }) => `• ${text}\n   ${remedy}`),
    ...listed(resolved, ({ text }) => `• resolved: ${text}`),
    ...(dashboard === undefined ? [] : [dashboard]),
  ];
  // Slack: these three characters must be escaped, https://docs.slack.dev/messaging/formatting-message-text
  const text = lines.join('\n').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return { body: JSON.stringify({ text }), headers: {} };
}

function listed<T>(alerts: readonly T[], describe: (alert: T) => string): string[] {
  const more = alerts.length - MAX_LISTED;
  return [...alerts.slice(0, MAX_LISTED).map(describe), ...(more > 0 ? [`• and ${more} more`] : [])];
}

/**
 * Formats a JSON message with the header `x-passbridge-signature: t=UNIX,v1=HEX`, the HMAC-SHA256 of
 * `UNIX.BODY`. The signed time lets the receiver reject replayed messages.
 */
function signedMessage(
  { kind: event, at, active, resolved }: AlertChange,
  dashboard: string | undefined,
  secret: string,
): Message {
  const body = JSON.stringify({
    event,
    at: new Date(at).toISOString(),
    alerts: active.map(alertJson),
    resolved: resolved.map(alertJson),
    ...(dashboard !== undefined && { dashboard }),
  });
  const seconds = Math.floor(at / 1000);
  const signature = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return { body, headers: { 'x-passbridge-signature': `t=${seconds},v1=${signature}` } };
}

function alertJson({ since, ...alert }: Alert) {
  return { ...alert, ...(since !== undefined && { since: new Date(since).toISOString() }) };
}
