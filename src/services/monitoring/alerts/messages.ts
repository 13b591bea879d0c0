/** The format of each message: text for Slack and compatible services, and signed JSON. */

import { createHmac } from 'node:crypto';
import type { Campaign } from '../../../domain/campaigns/campaign.ts';
import type { FailureCount } from '../../../domain/failures/failure.ts';
import { failureKinds } from '../../../domain/failures/failure.ts';
import { finalStates } from '../../../domain/jobs/outcome.ts';
import type { AlertChange } from '../../../domain/monitoring/alert-changes.ts';
import type { CampaignEnds, EndedCampaign } from '../../../domain/monitoring/campaign-ends.ts';
import type { Alert } from '../../../domain/monitoring/overview.ts';
import { formatDuration, formatNumber } from '../../../domain/presentation/format.ts';

/** What a channel is notified of: a change of the alerts, or campaigns that have ended. */
export type AlertMessage = AlertChange | CampaignEnds;

export interface FormattedMessage {
  body: string;
  headers: Record<string, string>;
}

const titles: Readonly<Record<AlertChange['kind'], string>> = {
  opened: 'passbridge: needs attention',
  worsened: 'passbridge: new problems',
  improved: 'passbridge: some problems are resolved',
  resolved: 'passbridge: all problems are resolved',
};

/** Alerts or campaigns listed individually in a Slack message. */
const MAX_LISTED = 10;
/** Causes of failure listed for a campaign. */
const MAX_CAUSES = 3;

/** Formats a message for Slack and compatible services. `dashboard`: its public URL, if it has one. */
export function slackMessage(message: AlertMessage, dashboard: string | undefined): FormattedMessage {
  const lines =
    message.kind === 'campaigns-ended' ? endsLines(message, dashboard) : alertLines(message, dashboard);
  // Slack: these three characters must be escaped, https://docs.slack.dev/messaging/formatting-message-text
  const text = lines.join('\n').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return { body: JSON.stringify({ text }), headers: {} };
}

function alertLines({ kind, active, resolved }: AlertChange, dashboard: string | undefined): string[] {
  return [
    `*${titles[kind]}*`,
    ...listed(active, ({ text, remedy }) => `• ${text}\n   ${remedy}`),
    ...listed(resolved, ({ text }) => `• resolved: ${text}`),
    ...(dashboard === undefined ? [] : [dashboard]),
  ];
}

function endsLines({ ended }: CampaignEnds, dashboard: string | undefined): string[] {
  const title = ended.length === 1 ? 'a campaign has ended' : `${ended.length} campaigns have ended`;
  return [
    `*passbridge: ${title}*`,
    ...listed(ended, ({ campaign, endedAt, causes }) => {
      const { id, status, createdAt, startAt = createdAt } = campaign;
      return [
        `• ${id} ${status} after ${formatDuration(endedAt - startAt)}: ${countersOf(campaign)}`,
        ...causes
          .slice(0, MAX_CAUSES)
          .map(({ count, code }) => `   ${formatNumber(count)} × ${code}: ${failureKinds[code].meaning}`),
        ...(dashboard === undefined ? [] : [`   ${linkTo(id, dashboard)}`]),
      ].join('\n');
    }),
  ];
}

/** Returns the counters that are not 0, e.g. `293 done, 4 skipped, 3 rejected`. */
function countersOf(campaign: Campaign): string {
  const { writeBackFailures } = campaign;
  const counters = [...finalStates, 'stopped' as const].flatMap((state) =>
    campaign[state] === 0 ? [] : [`${formatNumber(campaign[state])} ${state}`],
  );
  if (writeBackFailures > 0) counters.push(`${formatNumber(writeBackFailures)} not saved to Bloomreach`);
  return counters.length === 0 ? 'no rows' : counters.join(', ');
}

function linkTo(id: string, dashboard: string): string {
  return `${dashboard}/campaigns/${id}`;
}

function listed<T>(items: readonly T[], describe: (item: T) => string): string[] {
  const more = items.length - MAX_LISTED;
  return [...items.slice(0, MAX_LISTED).map(describe), ...(more > 0 ? [`• and ${more} more`] : [])];
}

/**
 * Formats a JSON message with the header `x-passbridge-signature: t=UNIX,v1=HEX`, the HMAC-SHA256 of
 * `UNIX.BODY`. The signed time lets the receiver reject replayed messages.
 */
export function signedMessage(
  message: AlertMessage,
  dashboard: string | undefined,
  secret: string,
): FormattedMessage {
  const { kind: event, at } = message;
  const content =
    message.kind === 'campaigns-ended'
      ? { campaigns: message.ended.map((one) => endedJson(one, dashboard)) }
      : { alerts: message.active.map(alertJson), resolved: message.resolved.map(alertJson) };
  const body = JSON.stringify({
    event,
    at: new Date(at).toISOString(),
    ...content,
    ...(dashboard !== undefined && { dashboard }),
  });
  const seconds = Math.floor(at / 1000);
  const signature = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return { body, headers: { 'x-passbridge-signature': `t=${seconds},v1=${signature}` } };
}

function alertJson({ since, ...alert }: Alert) {
  return { ...alert, ...(since !== undefined && { since: new Date(since).toISOString() }) };
}

function endedJson({ campaign, endedAt, causes }: EndedCampaign, dashboard: string | undefined) {
  const { id, program, action, status, createdAt, startAt = createdAt, rows, stopped } = campaign;
  return {
    id,
    program,
    action,
    status,
    startedAt: new Date(startAt).toISOString(),
    endedAt: new Date(endedAt).toISOString(),
    rows,
    ...Object.fromEntries(finalStates.map((state) => [state, campaign[state]])),
    stopped,
    writeBackFailures: campaign.writeBackFailures,
    causes: causes.map(({ code, count }: FailureCount) => ({ code, count })),
    ...(dashboard !== undefined && { url: linkTo(id, dashboard) }),
  };
}
