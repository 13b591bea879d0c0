/** The state of everything in one sentence, the heading of the overview. */

import { countAttention, type Attention } from '../../../domain/monitoring/attention.ts';
import type { CampaignOverview, Overview } from '../../../domain/monitoring/overview.ts';
import { formatCount, formatTimeOfDay } from '../../../domain/presentation/format.ts';
import type { Viewer } from '../layout.tsx';
import { Icon, type IconName } from '../parts/icons.tsx';

interface VerdictProps {
  now: Overview;
  attention: Attention;
  viewer: Viewer;
}

type Tone = 'well' | 'attention' | 'down';

const icons: Readonly<Record<Tone, IconName>> = { well: 'well', attention: 'warning', down: 'down' };

export function Verdict({ now, attention, viewer: { zone } }: VerdictProps) {
  const { tone, title, detail } = verdictOf(now, attention, zone);
  return (
    <div class={`verdict verdict-${tone}`}>
      <Icon name={icons[tone]} />
      <div>
        <h1>{title}</h1>
        {detail !== undefined && <p class="lede">{detail}</p>}
      </div>
    </div>
  );
}

/** Returns the sentence and what completes it. */
export function verdictOf(
  now: Overview,
  attention: Attention,
  zone: string,
): { tone: Tone; title: string; detail?: string } {
  const sending = describeSending(now, zone);
  const count = countAttention(attention);
  if (count > 0) {
    return {
      tone: 'attention',
      title: count === 1 ? 'One thing needs you' : `${count} things need you`,
      detail: sending,
    };
  }
  // An outage that resolves itself needs no decision, but all is not well.
  const [problem] = now.health.problems;
  if (problem !== undefined) return { tone: 'down', title: withoutStop(problem.headline) };
  if (now.health.state === 'waiting' || now.health.state === 'paused')
    return { tone: 'attention', title: withoutStop(sending) };
  return { tone: 'well', title: `All well: ${lowerFirst(withoutStop(sending))}` };
}

/** Says what is sent at present and until when, or why nothing is, as the frame does. */
function describeSending({ campaigns, at, health }: Overview, zone: string): string {
  if (health.state !== 'sending') return health.headline;
  const running = campaigns.filter(({ status, pending }) => status === 'running' && pending > 0);
  if (running.length === 0) return health.headline;
  const end = endOf(running);
  const until = end === undefined ? '' : `, done about ${formatTimeOfDay(at + end, at, zone)}`;
  return `${formatCount(running.length, 'campaign')} sending${until}.`;
}

/** Returns the latest end of campaigns in ms from now; undefined if that of one is not known. */
function endOf(campaigns: readonly CampaignOverview[]): number | undefined {
  const ends = campaigns.map(({ finish }) => finish?.max);
  return ends.includes(undefined) ? undefined : Math.max(...ends.map((end) => end ?? 0));
}

function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, '');
}

function lowerFirst(text: string): string {
  return text[0]?.toLowerCase() + text.slice(1);
}
