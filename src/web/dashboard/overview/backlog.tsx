/** The backlog, and the state of both upstreams and of our processes. */

import type { Overview, ProcessInfo, UpstreamHealth } from '../../../domain/monitoring/overview.ts';
import { formatCount, formatDuration, formatNumber } from '../../../domain/presentation/format.ts';
import type { Viewer } from '../layout.tsx';
import { Time } from '../parts/labels.tsx';

export function Backlog({ now, viewer }: { now: Overview; viewer: Viewer }) {
  const { queue, writeback, token, upstreams, workers, feeders, web } = now;
  return (
    <dl class="row mb-0">
      <Term name="Waiting to send">
        {formatNumber(queue.waiting)}
        {queue.oldestMs !== undefined && ` (oldest ${formatDuration(queue.oldestMs)})`}
        {queue.delayed > 0 && `, ${formatNumber(queue.delayed)} waiting to retry`}
      </Term>
      <Term name="Waiting to save to Bloomreach">
        {formatNumber(writeback.waiting)}
        {writeback.oldestMs !== undefined && ` (oldest ${formatDuration(writeback.oldestMs)})`}
        {writeback.importBatches > 0 &&
          `, ${formatCount(writeback.importBatches, 'import batch', 'import batches')}`}
      </Term>
      <Term name="Passmachine token">{describeToken(token)}</Term>
      <Term name="Passmachine">
        <Health upstream={upstreams.passmachine} viewer={viewer} />
      </Term>
      <Term name="Bloomreach">
        <Health upstream={upstreams.bloomreach} viewer={viewer} />
        {writeback.pause !== undefined && `. ${describePause(writeback.pause)}`}
      </Term>
      <Term name="Processes">
        {[
          countProcesses(workers, 'worker'),
          countProcesses(feeders, 'feeder'),
          countProcesses(web, 'web server'),
        ].join(', ')}
        {describeVersions([...workers, ...feeders, ...web])}
      </Term>
    </dl>
  );
}

function Term({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return (
    <>
      <dt class="col-sm-5">{name}</dt>
      <dd class="col-sm-7">{children}</dd>
    </>
  );
}

function describeToken(token: Overview['token']): string {
  if (token === undefined) return 'Not used yet';
  if (token.refused !== undefined) return `Refused: ${token.refused.detail}`;
  // A renewed token is requested with the first call; a configured one may not contain its expiry.
  if (token.leftMs === undefined) return token.renews ? 'Not used yet' : 'No expiry date given';
  if (token.leftMs <= 0) return 'Expired';
  const left = `Valid for ${formatDuration(token.leftMs)}`;
  return token.renews ? `${left}, renews automatically` : `${left}, then it must be replaced`;
}

function countProcesses(processes: readonly ProcessInfo[], name: string): string {
  const quiet = processes.filter((process) => process.quiet === true).length;
  return `${formatCount(processes.length, name)}${quiet === 0 ? '' : ` (${formatNumber(quiet)} quiet)`}`;
}

/** Names the releases during an upgrade, when there are several. */
function describeVersions(processes: readonly ProcessInfo[]): string {
  const versions = [...new Set(processes.map(({ version }) => version))];
  return versions.length < 2 ? '' : ` of releases ${versions.join(' and ')}`;
}

/** Passmachine's pause is shown by the slots. */
function describePause({ leftMs, code, detail }: NonNullable<Overview['writeback']['pause']>): string {
  const length = leftMs > 0 ? `for another ${formatDuration(leftMs)}` : 'until a probe is answered';
  return `Paused ${length}: ${code}${detail === '' ? '' : `, ${detail}`}`;
}

const healthLabels: Readonly<Record<UpstreamHealth['state'], string>> = {
  ok: 'Healthy',
  failing: 'Unstable',
  down: 'Down',
  quiet: 'Idle',
};

function Health({ upstream, viewer: { zone } }: { upstream: UpstreamHealth; viewer: Viewer }) {
  const { state, since, lastFailure } = upstream;
  return (
    <>
      {healthLabels[state]}
      {since !== undefined && (
        <>
          {' '}
          since <Time at={since} zone={zone} />
        </>
      )}
      {(state === 'failing' || state === 'down') && lastFailure !== undefined && `: ${lastFailure.code}`}
    </>
  );
}
