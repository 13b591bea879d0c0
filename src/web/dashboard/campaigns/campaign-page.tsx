/** One campaign: how it stands, what it waits for, and what can be done with it. */

import type { Campaign } from '../../../domain/campaigns/campaign.ts';
import type { FailureCount } from '../../../domain/failures/failure.ts';
import type { CampaignNow } from '../../../domain/monitoring/overview.ts';
import { mayAct } from '../../../domain/operators/operator.ts';
import type { Reader } from '../layout.tsx';
import { ActionForm } from '../parts/action-form.tsx';
import { Badge } from '../parts/badge.tsx';
import { CampaignCauses } from '../parts/causes.tsx';
import { Moment } from '../parts/moment.tsx';
import { Counters } from './counters.tsx';
import { Downloads } from './downloads.tsx';
import { endedRows, Throughput, Progress } from './progress.tsx';

export interface CampaignData {
  campaign: Campaign;
  causes: readonly FailureCount[];
  /** Whether the programs file says something else of its program by now. */
  isOutdated: boolean;
  throughput: Pick<CampaignNow, 'perSecond' | 'finish'>;
}

export function CampaignPage(data: CampaignData & { reader: Reader }) {
  const { campaign, causes, isOutdated, throughput, reader } = data;
  const { id, status, rows } = campaign;
  return (
    <>
      <h1>
        {id} <Badge state={status} />
      </h1>
      <What campaign={campaign} reader={reader} />
      <Halted campaign={campaign} reader={reader} />
      {isOutdated && status !== 'finished' && (
        <p>
          It goes by what the programs file said when it started. The file says something else of{' '}
          {campaign.program} by now.
        </p>
      )}
      {mayAct(reader.operator.role, 'operator') && <Actions {...data} />}
      <p>
        <Progress ended={endedRows(campaign)} rows={rows} label="Progress" />
        <Throughput {...throughput} />
      </p>
      <div class="row">
        <section class="col-lg-6" aria-labelledby="counters">
          <h2 id="counters">Rows</h2>
          <Counters campaign={campaign} />
          <Downloads campaign={campaign} />
        </section>
        <section class="col-lg-6" aria-labelledby="causes">
          <h2 id="causes">Failures by cause</h2>
          <CampaignCauses campaign={id} causes={causes} />
        </section>
      </div>
    </>
  );
}

function What({ campaign, reader: { zone } }: { campaign: Campaign; reader: Reader }) {
  const { action, program, source, schedule, createdAt, text, useBy, where } = campaign;
  const from =
    source.kind === 'file' ? (source.from === undefined ? source.path : `@${source.from}`) : 'the door';
  return (
    <p>
      {action} {program}, customers from {from}
      {schedule !== undefined && <>, by the schedule {schedule}</>}, started{' '}
      <Moment at={createdAt} zone={zone} />
      {useBy !== undefined && (
        <>
          , nothing is sent after <Moment at={useBy} zone={zone} />
        </>
      )}
      {where !== undefined && (
        <>
          , where <code>{where}</code>
        </>
      )}
      {text !== undefined && <>: “{text}”</>}
    </p>
  );
}

function Halted({ campaign: { status, halt }, reader: { zone } }: { campaign: Campaign; reader: Reader }) {
  if (halt === undefined) return null;
  return (
    <p class="alert alert-warning" role="status">
      {status} by {halt.by}, <Moment at={halt.at} zone={zone} />
      {halt.reason !== '' && `: ${halt.reason}`}
    </p>
  );
}

function Actions({
  campaign: { id, status, halt },
  isOutdated,
  reader: { csrfToken },
}: Pick<CampaignData, 'campaign' | 'isOutdated'> & { reader: Reader }) {
  const at = `/campaigns/${encodeURIComponent(id)}`;
  const form = { csrfToken, about: id };
  const goOn = halt?.kind === 'canary' ? 'Continue after the canary' : 'Resume';
  if (status === 'finished') return null;
  return (
    <div class="d-flex flex-wrap gap-2 mb-3">
      {status === 'running' ? (
        <>
          <ActionForm to={`${at}/pause`} label="Pause" tone="warning" {...form} />
          <a class="btn" href={`${at}/pause`}>
            Say why, and pause …
          </a>
        </>
      ) : (
        <>
          <ActionForm to={`${at}/resume`} label={goOn} tone="primary" {...form} />
          <a class="btn" href={`${at}/resume`}>
            Say why, and resume …
          </a>
        </>
      )}
      {status !== 'running' && isOutdated && (
        <ActionForm to={`${at}/resume-latest`} label={`${goOn}, by the file as it is now`} {...form} />
      )}
      {status !== 'stopped' && (
        <a class="btn btn-danger" href={`${at}/stop`}>
          Stop …
        </a>
      )}
      <a class="btn" href="/#speed">
        Speed …
      </a>
    </div>
  );
}
