/** `passbridge retry`: retries failures, and follows their campaigns to the end. */

import { formatCount } from '../../domain/presentation/format.ts';
import { systemClock } from '../../kit/clock.ts';
import type { RetryPlan } from '../../services/failures/retry-plan.ts';
import { type DeclareCommand, type ExitCode, localAction, withPassbridge } from '../command.ts';
import { interruption, say } from '../output/terminal.ts';
import { confirm } from '../prompt/prompt.ts';

interface RetryFlags {
  campaign?: string;
  code?: string;
  unknown?: true;
  dryRun?: true;
  yes?: true;
  detach?: true;
  reason?: string;
  json?: true;
}

export const declareRetry: DeclareCommand = (program, ended) => {
  program
    .command('retry')
    .description('retry failures, each once, with a new set of attempts')
    .option('--campaign <id>', 'only failures of this campaign')
    .option('--code <code>', 'only this failure code, or codes that start with it, e.g. PM_UNKNOWN')
    .option('--unknown', 'also retry creates that may have made a card: each could make a second one')
    .option('--dry-run', 'count what would be retried, and change nothing')
    .option('--yes', 'with --unknown: do not ask for confirmation')
    .option('--detach', 'leave the work to `passbridge up`')
    .option('--reason <text>', 'recorded in the audit')
    .option(
      '--json',
      'print JSON: what is retried and what is not; then, unless --detach, one line per campaign',
    )
    .action(async (flags: RetryFlags) => ended(await retry(flags)));
};

async function retry(flags: RetryFlags): Promise<ExitCode> {
  const { detach, dryRun, unknown, yes, reason, json, ...selection } = flags;
  const { startBulkAction } = await import('../../services/failures/bulk-actions.ts');
  const { planRetry } = await import('../../services/failures/retry-plan.ts');
  const { followToSummary } = await import('../run-campaign.ts');
  return withPassbridge(['passmachine', 'bloomreach', 'programs'], async (context) => {
    const { stores, config, file, passbridge } = context;
    const plan = await planRetry(stores, selection, unknown === true);
    const { campaigns, request } = plan;
    const show = () => say(json === true ? JSON.stringify(publicPlan(plan)) : describePlan(plan));
    if (dryRun === true) {
      show();
      return 0;
    }
    if (plan.unknown > 0 && yes !== true && !(await confirm(questionFor(plan)))) {
      say('Nothing was retried.');
      return 2;
    }
    if (campaigns.length > 0) {
      const confirmed = { ...request, acceptSecondCards: unknown === true };
      await startBulkAction(stores, confirmed, { ...localAction(reason), now: systemClock() });
    }
    show();
    if (detach === true || campaigns.length === 0) return 0;

    const signal = interruption();
    const codes: ExitCode[] = [];
    for (const campaign of campaigns) {
      codes.push(await followToSummary({ passbridge, config, file, campaign, signal, json }));
    }
    return codes.find((code) => code === 130) ?? codes.find((code) => code !== 0) ?? 0;
  });
}

function questionFor({ unknown }: RetryPlan): string {
  return `${formatCount(unknown, 'create')} may have made a card already, and a retry could make a second one. If you have looked them up at Passmachine, passbridge resolve ends them without that risk. Retry?`;
}

/** The shape of `--json`; scripts rely on it. */
function publicPlan({ jobs, unknown, writeBacks, excluded, campaigns }: RetryPlan) {
  return { calls: jobs, unknown, writeBacks, excluded, campaigns };
}

/** Lists what is retried and what is not, and how to go on with the rest. */
function describePlan({ jobs, writeBacks, excluded }: RetryPlan): string {
  const lines = [
    [jobs, 'calls are retried'],
    [writeBacks, 'write-backs are retried; their cards exist'],
    [excluded.unknown ?? 0, 'may have a card: look them up in Passmachine, then add --unknown'],
    [
      (excluded['rejected-row'] ?? 0) + (excluded['card-exists'] ?? 0),
      'cannot be retried; fix the export or the program and start the campaign again',
    ],
    [
      excluded['not-running'] ?? 0,
      'belong to campaigns that are held, paused or stopped; run passbridge resume first',
    ],
  ] as const;
  const shown = lines
    .filter(([count]) => count > 0)
    .map(([count, text]) => `${String(count).padStart(9)}  ${text}`);
  return shown.length === 0 ? 'Nothing to retry.' : shown.join('\n');
}
