/** Makes valid objects, so that a test only spells out the fields it is about. */

import type { ActionContext } from '../../src/services/campaigns/control.ts';
import type { Campaign, CampaignOrder } from '../../src/domain/campaigns/campaign.ts';
import { queueId } from '../../src/domain/jobs/job-id.ts';
import type { PassJob, QueuedJob } from '../../src/domain/jobs/pass-job.ts';
import type { Program, Template } from '../../src/domain/jobs/program.ts';
import type { WriteBack } from '../../src/domain/jobs/write-back.ts';
import { makeLogger } from '../../src/kit/logger.ts';

export const silent = makeLogger('silent');

/** An operator's action in a test. */
export const testAction: ActionContext = { by: 'test', via: 'dashboard', reason: '' };

export function makeOrder(id = 'run'): CampaignOrder {
  return {
    id,
    program: 'loyalty',
    action: 'issue',
    source: { kind: 'file', path: '/nowhere.csv', fingerprint: { size: 0, mtimeMs: 0 } },
    createdAt: 1,
  };
}

/** A running campaign of which nothing has happened yet. */
export function makeCampaign(more: Partial<Campaign> = {}): Campaign {
  const { expected: _unknown, ...order } = makeOrder();
  return {
    ...order,
    status: 'running',
    rows: 0,
    done: 0,
    skipped: 0,
    rejected: 0,
    failed: 0,
    unknown: 0,
    stopped: 0,
    pending: 0,
    writeBacks: 0,
    writtenBack: 0,
    writeBackFailures: 0,
    canaryPassed: false,
    resumes: 0,
    skippedFor: {},
    expected: undefined,
    read: 0,
    jobs: 0,
    fed: false,
    inQueue: 0,
    parked: 0,
    ...more,
  };
}

export function makeJob(row: number, more: Partial<PassJob> = {}): PassJob {
  return {
    v: 1,
    id: `run-${row}`,
    action: 'create',
    program: 'loyalty',
    customer: { ids: { registered: `c-${row}` }, attributes: { first_name: 'Žofie' } },
    campaign: 'run',
    row,
    ...more,
  };
}

/** Makes a job as the queue delivers it, in a batch job of its own. */
export function makeQueued(row: number, more: Partial<PassJob> = {}): QueuedJob {
  return queued(makeJob(row, more));
}

export function queued(job: PassJob): QueuedJob {
  return { ...job, deliveryId: `${job.id}@${queueId(job)}` };
}

export function makeWriteBack(row: number, at = 0): WriteBack {
  const data = {
    customer_ids: { registered: `c-${row}` },
    properties: { passmachine_pass_id: `p-${row}` },
  };
  return { id: `run-${row}`, campaign: 'run', row, name: 'customers', data, at, refusals: 0 };
}

/** Makes a template that renders with the given function. */
export function makeTemplate(body: Template['render']): Template {
  return { render: body, usesText: false, usesVoucher: false, uses: [], needs: [], truthTests: [] };
}

export function makeProgram(more: Partial<Program> = {}): Program {
  return {
    name: 'loyalty',
    card: 'loyalty',
    templateId: 't1',
    source: {},
    version: 'v1',
    create: makeTemplate(({ customer_ids: ids, customer }) => ({
      ok: true,
      body: {
        templateId: 't1',
        templateVariables: { kpFirstName: String(customer['first_name']) },
        metadata: { registered: ids['registered'] ?? '' },
      },
    })),
    attributes: makeTemplate(({ webhook, time }) => ({
      ok: true,
      body: {
        passmachine_pass_id: (webhook as { data: { id: string } }).data.id,
        passmachine_pass_gendate: time,
        blank: '',
      },
    })),
    writesBack: ['passmachine_pass_id', 'passmachine_pass_gendate', 'blank'],
    ...more,
  };
}
