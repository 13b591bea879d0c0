/** Drafts of campaigns in the dashboard and the API: their customers, a preflight of the form, and the start. */

import { ConfigError } from '../../config/config-error.ts';
import type { Config } from '../../config/config.ts';
import { passActionOf } from '../../domain/campaigns/campaign.ts';
import { type CampaignAction, campaignActions } from '../../domain/campaigns/campaign-action.ts';
import {
  type CampaignDraft,
  describeOrigin,
  type DraftForm,
  type OfferedProgram,
  type PreflightReport,
} from '../../domain/campaigns/draft.ts';
import { cardProgramOf } from '../../domain/cards/card-face.ts';
import { expectedTime, type TimeLeft } from '../../domain/campaigns/finish.ts';
import { labelOf } from '../../domain/campaigns/options/campaign-options.ts';
import { parseOptions, problemLines } from '../../domain/campaigns/options/parse-options.ts';
import { meanOf } from '../../domain/jobs/durations.ts';
import { campaignId } from '../../domain/jobs/job-id.ts';
import { type Program, templateOf } from '../../domain/jobs/program.ts';
import { systemClock } from '../../kit/clock.ts';
import type { Logger } from '../../kit/logger.ts';
import { isUserError, UserError } from '../../kit/user-error.ts';
import type { TakeFile } from '../../ledger/campaigns/taken-files.ts';
import type { ProgramsFile } from '../../programs/file/programs.ts';
import type { Sources } from '../../programs/file/sources.ts';
import type { DraftService } from '../../web/dashboard/dashboard-service.ts';
import { audienceCard } from '../campaigns/audience-cards.ts';
import type { CampaignRequest } from '../campaigns/campaign-request.ts';
import { fetchSource, namedSource } from '../campaigns/files/fetch.ts';
import type { Uploads } from '../campaigns/files/uploads.ts';
import {
  checkStart,
  type Fingerprint,
  lastTextOf,
  preflight,
  type PreflightOptions,
  prepareCampaign,
} from '../campaigns/prepare-campaign.ts';
import { startCampaign } from '../campaigns/start-campaign.ts';
import { prepareTestSend } from '../campaigns/test-send.ts';
import type { Stores } from '../stores.ts';
import { makeDraftReviews } from './draft-reviews.ts';

export interface DraftDeps {
  config: Config;
  /** Read for every request, because the file may be reloaded. */
  file: Pick<ProgramsFile, 'programs'>;
  /** Throws a {@link ConfigError} if the programs file names secrets that this process does not have. */
  sources: () => Sources;
  uploads: Pick<Uploads, 'find' | 'touch'>;
  log: Logger;
}

/** Rows checked for the preview while an operator types. */
const PREVIEW_ROWS = 2000;

/** Calls of the last hour from which their duration is known. */
const MEASURED_CALLS = 100;
const HOUR_MS = 3_600_000;

/** Characters. */
const MAX_FILE_NAME = 300;

export function makeDraftService(
  stores: Stores,
  { config, file, sources, uploads, log }: DraftDeps,
): DraftService {
  const { drafts } = stores;
  const reviews = makeDraftReviews<PreflightReport>();

  const programNamed = (name: string): Program => {
    const program = file.programs.get(name);
    if (program !== undefined) return program;
    throw new UserError(
      'INVALID_CAMPAIGN',
      `There is no program ${name}. The programs file has: ${[...file.programs.keys()].join(', ')}.`,
    );
  };

  const requestOf = (draft: CampaignDraft, form: DraftForm): CampaignRequest => {
    const { customers, from, action } = draft;
    if (customers.state !== 'ready')
      throw new UserError(
        'INVALID_CAMPAIGN',
        `The customers of ${describeOrigin(from)} have not been fetched yet.`,
      );
    const parsed = parseOptions(withoutBlanks(form), {
      action,
      timeZone: config.campaigns.timeZone,
      nameOf: labelOf,
    });
    if (!parsed.ok)
      throw new UserError('INVALID_CAMPAIGN', problemLines(parsed.problems, labelOf).join('\n'));
    return {
      config,
      program: programNamed(draft.program),
      action,
      file: customers.path,
      ...(from.kind === 'source' && { from: from.name }),
      options: parsed.options,
      nameOf: labelOf,
    };
  };

  const fetchInto = async (draft: CampaignDraft): Promise<void> => {
    const source = namedSource(sources, `@${draft.from.name}`);
    if (source === undefined) throw new UserError('FETCH_FAILED', `There is no source @${draft.from.name}.`);
    const purpose = { program: programNamed(draft.program), action: draft.action };
    const { path, taken } = await fetchSource(source, { config, takenFiles: stores.takenFiles, purpose });
    await drafts.save({
      ...draft,
      customers: { state: 'ready', path, ...(taken !== undefined && { taken }) },
    });
  };

  const fetchInBackground = (draft: CampaignDraft) => {
    fetchInto(draft)
      .catch(async (error: unknown) => {
        if (!(isUserError(error, 'FETCH_FAILED', 'SOURCE_EMPTY') || error instanceof ConfigError))
          log.error({ event: 'draft.fetch-failed', draft: draft.id, err: error });
        const reason = error instanceof Error ? error.message : String(error);
        await drafts.save({ ...draft, customers: { state: 'failed', reason } });
      })
      .catch((error: unknown) => log.error({ event: 'draft.save-failed', draft: draft.id, err: error }));
  };

  /** Saving restarts the lifetime of the draft, and with it that of its upload. */
  const save = async (draft: CampaignDraft): Promise<void> => {
    const { customers } = draft;
    if (customers.state === 'ready' && customers.upload !== undefined) {
      // A deleted upload is reported when the draft is checked.
      await uploads.touch(customers.upload).catch(() => {});
    }
    await drafts.save(draft);
  };

  return {
    offered: async () => ({
      programs: [...file.programs.values()].map(offer),
      sources: sourceNames(sources, log),
    }),
    find: drafts.find,
    async create({ program: name, action, source, upload }, { by }) {
      if (!campaignActions.includes(action))
        throw new UserError('INVALID_CAMPAIGN', `There is no action ${action}.`);
      const program = programNamed(name);
      const at = systemClock();
      const draft: CampaignDraft = {
        id: campaignId(program.name, action, new Date(at), Math.random()),
        program: name,
        action,
        by,
        at,
        from:
          upload === undefined
            ? { kind: 'source', name: source }
            : { kind: 'upload', name: plain(upload.name) },
        customers:
          upload === undefined
            ? { state: 'fetching' }
            : { state: 'ready', path: await pathOfUpload(uploads, upload, by), upload: upload.id },
        showsText: templateOf(program, passActionOf(action))?.usesText ?? false,
      };
      await save(draft);
      if (upload === undefined) fetchInBackground(draft);
      return draft.id;
    },
    preview: (draft, form) =>
      namingUpload(draft, () => report(requestOf(draft, form), { rows: PREVIEW_ROWS })),
    card: (draft, form, number) => namingUpload(draft, () => audienceCard(requestOf(draft, form), number)),
    async fillIn(draft, form) {
      await refuseStarted(draft);
      const filledIn = { ...draft, form };
      await save(filledIn);
      await namingUpload(draft, () => checkStart(requestOf(draft, form)));
      return filledIn;
    },
    async review(draft) {
      if ((await stores.campaigns.find(draft.id)) !== undefined) return { state: 'started' };
      return namingUpload(draft, async () => {
        const request = requestOf(draft, draft.form ?? {});
        // Every time, because a time of the options may have passed since the rows were checked.
        const version = versionOf(request, await checkStart(request));
        return reviews.of(draft.id, version, (run) =>
          report(request, {
            ...run,
            forgotten: { among: (jobs) => stores.forgotten.among(jobs, systemClock()) },
          }),
        );
      });
    },
    async test(draft, form, to, context) {
      await refuseStarted(draft);
      const request = requestOf(draft, form);
      await save({ ...draft, form });
      const order = await namingUpload(draft, () => prepareTestSend(request, to));
      const startedBy = { kind: 'operator', context } as const;
      await startCampaign(stores, { order, program: request.program, startedBy });
      return order.id;
    },
    async start(draft, form, context) {
      const request = requestOf(draft, form);
      const counted = (fingerprint: Fingerprint) =>
        reviews.finished(draft.id, versionOf(request, fingerprint))?.preflight;
      const order = await namingUpload(draft, () => prepareCampaign(request, { id: draft.id, counted }));
      const startedBy = { kind: 'operator', context } as const;
      await startCampaign(stores, { order, program: request.program, take: takeOf(draft), startedBy });
    },
  };

  /** A change after the start would look as if it were sent. */
  async function refuseStarted({ id }: CampaignDraft): Promise<void> {
    if ((await stores.campaigns.find(id)) === undefined) return;
    throw new UserError(
      'INVALID_CAMPAIGN',
      `This draft was already started as ${id}. To send something else, create a new campaign.`,
    );
  }

  async function report(
    request: CampaignRequest,
    reading: Omit<PreflightOptions, 'lastText'>,
  ): Promise<PreflightReport> {
    const { program, action, options } = request;
    const lastText = action === 'notify' ? await lastTextOf(stores, program) : undefined;
    const found = await preflight(request, { lastText, ...reading });
    const [limits, callMs] = await Promise.all([stores.passLimits.effective(), measuredCallMs()]);
    return {
      program: cardProgramOf(request.program),
      preflight: found,
      duration: expectedTime(found.toSend, {
        maxInFlight: limits.maxInFlight.limit ?? config.passmachine.maxInFlight,
        maxPerSecond: limits.maxPerSecond.limit,
        sendingRate: options.guards?.sendingRate,
        callMs,
      }),
      from: options.startAt ?? systemClock(),
      pausesAtBadRow: options.skipBadRows !== true && found.byCode.has('ROW_RAGGED'),
    };
  }

  /** Mean duration of Passmachine's calls in the last hour; undefined if there were too few. */
  async function measuredCallMs(): Promise<TimeLeft | undefined> {
    const now = systemClock();
    const buckets = await stores.heartbeats.calls('passmachine', now - HOUR_MS, now);
    const bins: Record<number, number> = {};
    for (const { durations } of buckets.values()) {
      for (const [bin, count] of Object.entries(durations))
        bins[Number(bin)] = (bins[Number(bin)] ?? 0) + count;
    }
    const mean = meanOf(bins, MEASURED_CALLS);
    return mean === undefined ? undefined : { min: mean, max: mean };
  }
}

/** Throws a {@link UserError} unless the upload is complete and the operator's own. */
async function pathOfUpload(
  uploads: DraftDeps['uploads'],
  { id, name }: { id: string; name: string },
  by: string,
): Promise<string> {
  const upload = await uploads.find(id);
  if (upload === undefined) throw refuseUpload(`There is no upload of ${plain(name)}, or it has expired.`);
  if (upload.by !== by) throw refuseUpload(`The upload of ${plain(name)} belongs to ${upload.by}.`);
  if (upload.received < upload.bytes) {
    throw refuseUpload(`${upload.received} of ${upload.bytes} bytes of ${plain(name)} have arrived.`);
  }
  return upload.path;
}

/** Names an upload in messages as the operator does, instead of by its path on this server. */
async function namingUpload<T>({ customers, from }: CampaignDraft, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UserError) || customers.state !== 'ready' || from.kind !== 'upload') throw error;
    throw new UserError(error.code, error.message.replaceAll(customers.path, from.name));
  }
}

function refuseUpload(problem: string): UserError {
  return new UserError('INVALID_CAMPAIGN', `${problem} Upload the file again.`);
}

/** Returns the source's file that the campaign of a draft takes. */
function takeOf({ from, customers }: CampaignDraft): TakeFile | undefined {
  if (customers.state !== 'ready' || customers.taken === undefined) return undefined;
  return { source: from.name, ...customers.taken };
}

/** Identifies what a review depends on: another program, file or form needs another one. */
function versionOf({ program, action, options }: CampaignRequest, { size, mtimeMs }: Fingerprint): string {
  return JSON.stringify([program.name, program.version, action, size, mtimeMs, options]);
}

function plain(fileName: string): string {
  return fileName.replaceAll(/\p{C}/gu, '').slice(0, MAX_FILE_NAME);
}

function withoutBlanks(form: DraftForm): DraftForm {
  return Object.fromEntries(Object.entries(form).filter(([, value]) => value.trim() !== ''));
}

/** Lists the actions that a program has a section for. */
function offer(program: Program): OfferedProgram {
  const has = (action: CampaignAction) => templateOf(program, passActionOf(action)) !== undefined;
  return { name: program.name, actions: campaignActions.filter(has) };
}

/** Returns no names if this process cannot read the sources; files can be uploaded all the same. */
function sourceNames(sources: () => Sources, log: Logger): string[] {
  try {
    return [...sources().keys()];
  } catch (error) {
    log.warn({ event: 'sources.unreadable', err: error }, 'the dashboard offers no sources');
    return [];
  }
}
