/** Where news of alerts goes. */

import type { AlertSettings } from '../../../config/config.ts';
import type { AlertNews } from '../../../domain/monitoring/alert-changes.ts';
import { makeHttpClient } from '../../../kit/http/http.ts';
import { type Message, signedMessage, slackMessage } from './messages.ts';

export interface AlertChannel {
  /** Tells the channels apart. */
  name: string;
  /** Why it was not taken; undefined where it was. */
  tell(news: AlertNews): Promise<string | undefined>;
  close(): Promise<void>;
}

const TIMEOUT_MS = 10_000;

/** The configured ones. `dashboard`: where people look. */
export function openAlertChannels(
  { slackUrl, webhook }: AlertSettings,
  dashboard: string | undefined,
): AlertChannel[] {
  return [
    ...(slackUrl === undefined
      ? []
      : [openChannel('slack', slackUrl, (news) => slackMessage(news, dashboard))]),
    ...(webhook === undefined
      ? []
      : [openChannel('webhook', webhook.url, (news) => signedMessage(news, dashboard, webhook.secret))]),
  ];
}

function openChannel(name: string, url: string, write: (news: AlertNews) => Message): AlertChannel {
  const { origin, pathname, search } = new URL(url);
  const http = makeHttpClient({ baseUrl: origin, timeoutMs: TIMEOUT_MS });
  return {
    name,
    async tell(news) {
      const { body, headers } = write(news);
      const answer = await http.send({ method: 'POST', path: `${pathname}${search}`, headers, body });
      if (!answer.answered) return answer.detail;
      return answer.status >= 200 && answer.status < 300 ? undefined : `it answered ${answer.status}`;
    },
    close: http.close,
  };
}
