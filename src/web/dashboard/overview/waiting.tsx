/** What has not been sent or saved yet, how old it is, and how both sides and our processes fare. */

import type { Now, UpstreamNow } from '../../../domain/monitoring/overview.ts';
import type { Reader } from '../layout.tsx';
import { Moment } from '../parts/moment.tsx';
import { count, number, span } from '../parts/wording.ts';

export function Waiting({ now, reader }: { now: Now; reader: Reader }) {
  const { queue, writeback, token, upstreams, workers, feeders, web } = now;
  return (
    <dl class="row mb-0">
      <Term name="Waiting to be sent">
        {number(queue.waiting)}
        {queue.delayed > 0 && `, ${number(queue.delayed)} for their next attempt`}
        {queue.oldestMs !== undefined && `, the oldest for ${span(queue.oldestMs)}`}
      </Term>
      <Term name="Waiting to be saved">
        {number(writeback.waiting)}
        {writeback.oldestMs !== undefined && `, the oldest for ${span(writeback.oldestMs)}`}
        {writeback.importBatches > 0 && `, ${count(writeback.importBatches, 'import')}`}
      </Term>
      <Term name="Token">{tokenWords(token)}</Term>
      <Term name="Passmachine">
        <Health upstream={upstreams.passmachine} reader={reader} />
      </Term>
      <Term name="Bloomreach">
        <Health upstream={upstreams.bloomreach} reader={reader} />
      </Term>
      <Term name="Processes">
        {[count(workers.length, 'worker'), count(feeders.length, 'feeder'), `${web.length} web`].join(', ')}
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

function tokenWords(token: Now['token']): string {
  if (token === undefined) return 'none asked for yet';
  if (token.refused !== undefined) return `refused: ${token.refused.detail}`;
  // One that is renewed is asked for with the first call; one set by hand may not tell its end.
  if (token.leftMs === undefined) return token.renews ? 'none asked for yet' : 'its end is not known';
  if (token.leftMs <= 0) return 'has ended';
  return `${span(token.leftMs)} left${token.renews ? ', then renewed' : ': set a new one in time'}`;
}

const healthWords = {
  ok: 'answers',
  failing: 'fails now and then',
  down: 'does not answer',
  quiet: 'not called lately',
} as const;

function Health({ upstream, reader: { zone } }: { upstream: UpstreamNow; reader: Reader }) {
  const { state, since, lastFailure } = upstream;
  return (
    <>
      {healthWords[state]}
      {since !== undefined && (
        <>
          {' '}
          since <Moment at={since} zone={zone} />
        </>
      )}
      {state !== 'ok' && state !== 'quiet' && lastFailure !== undefined && `: ${lastFailure.code}`}
    </>
  );
}
