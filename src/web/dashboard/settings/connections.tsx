/** The connections to both upstreams with what waits for them, and our processes. */

import type { Overview, UpstreamHealth } from '../../../domain/monitoring/overview.ts';
import { formatCount, formatDuration, formatNumber } from '../../../domain/presentation/format.ts';
import type { Viewer } from '../layout.tsx';
import { Time } from '../parts/labels.tsx';

export function Connections({ now, viewer }: { now: Overview; viewer: Viewer }) {
  const { queue, writeback, token, upstreams } = now;
  return (
    <dl class="facts">
      <Term name="Passmachine">
        <Health upstream={upstreams.passmachine} viewer={viewer} />
      </Term>
      <Term name="Waiting to send">
        {formatNumber(queue.waiting)}
        {queue.oldestMs !== undefined && ` (oldest ${formatDuration(queue.oldestMs)})`}
        {queue.delayed > 0 && `, ${formatNumber(queue.delayed)} waiting to retry`}
      </Term>
      <Term name="Passmachine token">{describeToken(token)}</Term>
      <Term name="Bloomreach">
        <Health upstream={upstreams.bloomreach} viewer={viewer} />
        {writeback.pause !== undefined && `. ${describePause(writeback.pause)}`}
      </Term>
      <Term name="Waiting to save to Bloomreach">
        {formatNumber(writeback.waiting)}
        {writeback.oldestMs !== undefined && ` (oldest ${formatDuration(writeback.oldestMs)})`}
        {writeback.importBatches > 0 &&
          `, ${formatCount(writeback.importBatches, 'import batch', 'import batches')}`}
      </Term>
    </dl>
  );
}

/** Processes by what they do; one with several roles is listed with each. */
export function Processes({
  now: { workers, feeders, web },
  viewer: { zone },
}: {
  now: Overview;
  viewer: Viewer;
}) {
  const roles = [
    ['Worker', workers],
    ['Feeder', feeders],
    ['Web server', web],
  ] as const;
  return (
    <dl class="facts">
      {roles.map(([role, processes]) => (
        <Term key={role} name={role}>
          {processes.length === 0 && 'None running'}
          {processes.map(({ process, pid, host, version, since, quiet }) => (
            <div key={process}>
              {host}, process {pid}, release {version}, since <Time at={since} zone={zone} />
              {quiet === true && ', quiet: it takes no more jobs'}
            </div>
          ))}
        </Term>
      ))}
    </dl>
  );
}

function Term({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
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
