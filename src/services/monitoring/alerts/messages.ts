/** News of alerts, in the words of each channel. */

import { createHmac } from 'node:crypto';
import type { AlertNews } from '../../../domain/monitoring/alert-changes.ts';
import type { Alert } from '../../../domain/monitoring/overview.ts';

export interface Message {
  body: string;
  headers: Record<string, string>;
}

const titles: Readonly<Record<AlertNews['kind'], string>> = {
  opened: 'passbridge: something is wrong',
  worse: 'passbridge: more is wrong',
  better: 'passbridge: some of it is over',
  recovered: 'passbridge: all is well again',
};

/** Alerts that a message names one by one. */
const MOST_NAMED = 10;

/** What Slack and those who speak like it take: a text with its few marks. */
export function slackMessage(news: AlertNews, dashboard: string | undefined): Message {
  const { kind, standing, over } = news;
  const lines = [
    `*${titles[kind]}*`,
    ...named(standing, ({ text, remedy }) => `• ${text}\n   ${remedy}`),
    ...named(over, ({ text }) => `• over: ${text}`),
    ...(dashboard === undefined ? [] : [dashboard]),
  ];
  // https://docs.slack.dev/messaging/formatting-message-text: these three have to be escaped.
  const text = lines.join('\n').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return { body: JSON.stringify({ text }), headers: {} };
}

/**
 * What programs take, with a signature over the time and the body: `t=UNIX,v1=HEX`, HMAC-SHA256 of
 * `UNIX.BODY`. Whoever checks both takes no old message for a new one.
 */
export function signedMessage(news: AlertNews, dashboard: string | undefined, secret: string): Message {
  const { kind: event, at, standing, over } = news;
  const body = JSON.stringify({
    event,
    at: new Date(at).toISOString(),
    alerts: standing.map(plain),
    over: over.map(plain),
    ...(dashboard !== undefined && { dashboard }),
  });
  const seconds = Math.floor(at / 1000);
  const signature = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return { body, headers: { 'x-passbridge-signature': `t=${seconds},v1=${signature}` } };
}

function plain({ since, ...alert }: Alert) {
  return { ...alert, ...(since !== undefined && { since: new Date(since).toISOString() }) };
}

function named<T>(alerts: readonly T[], describe: (alert: T) => string): string[] {
  const more = alerts.length - MOST_NAMED;
  return [...alerts.slice(0, MOST_NAMED).map(describe), ...(more > 0 ? [`• and ${more} more`] : [])];
}
