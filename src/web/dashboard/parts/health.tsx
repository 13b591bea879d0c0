/** Whether cards and notifications are sent, in one sentence on every page; the Overview page has the details. */

import { render } from 'preact-render-to-string';
import { blockerCodes, type Health, headlines } from '../../../domain/monitoring/health.ts';
import { routes } from '../../paths.ts';
import type { LiveTopic } from '../live-topics.ts';
import { AttentionUpdate } from '../navigation.tsx';

/** The topic of what is live in the frame; that of a page begins with a slash. */
export const FRAME_TOPIC = 'frame';

interface FrameFacts {
  health(): Promise<Health>;
  /** Number of items that need a decision; undefined if it cannot be read. */
  countAttention(): Promise<number | undefined>;
}

export function frameTopic({ health, countAttention }: FrameFacts): LiveTopic {
  return {
    role: 'viewer',
    async render() {
      const [judged, count] = await Promise.all([health(), countAttention()]);
      return render(<HealthSentences health={judged} />) + render(<AttentionUpdate count={count} />);
    },
  };
}

/** The sentences are the same for as long as the state is, so that screen readers announce each change once. */
export function HealthStatus({ health }: { health: Health }) {
  return (
    <div id="health" role="status" aria-label="Sending" data-live={FRAME_TOPIC}>
      <HealthSentences health={health} />
    </div>
  );
}

function HealthSentences({ health: { state, headline, problems } }: { health: Health }) {
  const others = problems.filter(({ code }) => code !== state);
  const isBlocked = blockerCodes.some((code) => code === state);
  return (
    <>
      <p class={`health ${isBlocked ? 'health-blocked' : `health-${state}`}`}>
        {headline} {isBlocked && <a href={routes.overview}>Details</a>}
      </p>
      {others.map(({ code }) => (
        <p key={code} class="health health-blocked">
          {headlines[code]} <a href={routes.overview}>Details</a>
        </p>
      ))}
    </>
  );
}
