/** Campaigns that are prepared in the dashboard: whose customers, what they would get, and the start. */

import { UserError, isUserError } from '../../kit/user-error.ts';
import { basename, join } from 'node:path';
import { inWordsOfForm, readCampaignForm } from '../../web/dashboard/campaigns/campaign-form.ts';
import { ConfigError } from '../../config/config-error.ts';
import type { Config } from '../../config/config.ts';
import type { ProgramsFile } from '../../programs/file/programs.ts';
import type { Sources } from '../../programs/file/sources.ts';
import { type CampaignAction, campaignActions, passActionOf } from '../../domain/campaigns/campaign.ts';
import type {
  CampaignDraft,
  DraftForm,
  OfferedProgram,
  PreflightReport,
} from '../../domain/campaigns/draft.ts';
import { expectedTime } from '../../domain/campaigns/finish.ts';
import { campaignId } from '../../domain/jobs/job-id.ts';
import { type Program, templateOf } from '../../domain/jobs/program.ts';
import { systemClock } from '../../kit/clock.ts';
import type { Logger } from '../../kit/logger.ts';
import type { DraftService } from '../../web/dashboard/dashboard-service.ts';
import { lastTextOf, order, start, preflight } from '../campaigns/campaigns.ts';
import { type CampaignRequest } from '../campaigns/campaign-request.ts';
import { fetchSource, namedSource } from '../campaigns/files/fetch.ts';
import type { Stores } from '../stores.ts';

export interface DraftDeps {
  config: Config;
  /** Looked at each time: it may change. */
  file: Pick<ProgramsFile, 'programs'>;
  /** Throws where the programs file names secrets that this process does not have. */
  sources: () => Sources;
  log: Logger;
}

/** Rows that are looked at while somebody types, and before somebody starts. */
const PREVIEW_ROWS = 2000;
const PREFLIGHT_ROWS = 200_000;

/** Where uploaded files lie. */
export function uploadFolder({ files }: Pick<Config, 'files'>): string {
  return join(files.dataDir, 'uploads');
}

export function makeDraftService(stores: Stores, { config, file, sources, log }: DraftDeps): DraftService {
  const { drafts } = stores;

  const programNamed = (name: string): Program => {
    const program = file.programs.get(name);
    if (program !== undefined) return program;
    throw new UserError(
      'INVALID_CAMPAIGN',
      `There is no program ${name}. The programs file has: ${[...file.programs.keys()].join(', ')}.`,
    );
  };

  const requestOf = (draft: CampaignDraft, form: DraftForm) => {
    const { customers, from } = draft;
    if (customers.state !== 'ready') throw new UserError('INVALID_CAMPAIGN', `${from} is not here yet.`);
    const read = readCampaignForm(form, config.campaigns.timeZone);
    if (!read.ok) throw new UserError('INVALID_CAMPAIGN', read.problems.join('\n'));
    const request: CampaignRequest = {
      config,
      program: programNamed(draft.program),
      action: draft.action,
      file: customers.path,
      ...(from.startsWith('@') && { from: from.slice(1) }),
      options: read.options,
    };
    return { request, skipBadRows: read.skipBadRows, taken: customers.taken };
  };

  const fetchInto = async (draft: CampaignDraft): Promise<void> => {
    const source = namedSource(sources, draft.from);
    if (source === undefined) throw new UserError('FETCH_FAILED', `There is no source ${draft.from}.`);
    const purpose = { program: programNamed(draft.program), action: draft.action };
    const { path, taken } = await fetchSource(source, { config, takenFiles: stores.takenFiles, purpose });
    await drafts.save({
      ...draft,
      customers: { state: 'ready', path, ...(taken !== undefined && { taken }) },
    });
  };

  return {
    offered: async () => ({
      programs: [...file.programs.values()].map(offer),
      sources: sourceNames(sources, log),
    }),
    find: drafts.find,
    async create({ program, action, source, upload }, { by }) {
      if (!campaignActions.includes(action))
        throw new UserError('INVALID_CAMPAIGN', `There is no action ${action}.`);
      const at = systemClock();
      const draft: CampaignDraft = {
        id: campaignId(programNamed(program).name, action, new Date(at), Math.random()),
        program,
        action,
        by,
        at,
        from: upload === undefined ? `@${source}` : upload.name,
        customers:
          upload === undefined
            ? { state: 'fetching' }
            : // No more than the last part: what comes from a browser must not lead out of the folder.
              { state: 'ready', path: join(uploadFolder(config), basename(upload.id)) },
      };
      await drafts.save(draft);
      if (upload === undefined) {
        fetchInto(draft)
          .catch(async (error: unknown) => {
            if (!(isUserError(error, 'FETCH_FAILED', 'SOURCE_EMPTY') || error instanceof ConfigError))
              log.error({ event: 'draft.not-fetched', err: error });
            const why = error instanceof Error ? error.message : String(error);
            await drafts.save({ ...draft, customers: { state: 'refused', why } });
          })
          .catch((error: unknown) => log.error({ event: 'draft.not-saved', err: error }));
      }
      return draft.id;
    },
    look: (draft, form) => report(requestOf(draft, form).request, PREVIEW_ROWS),
    async check(draft, form) {
      await refuseStarted(draft);
      await drafts.save({ ...draft, form });
      return report(requestOf(draft, form).request, PREFLIGHT_ROWS);
    },
    async start(draft, form, act) {
      const { request, skipBadRows, taken } = requestOf(draft, form);
      const ordered = await inForm(() => order(request, { skipBadRows, id: draft.id }));
      await start(stores, ordered, request.program, act);
      if (request.from !== undefined && taken !== undefined) {
        await stores.takenFiles.take(request.from, taken, ordered.id);
      }
    },
  };

  /** What was changed after the start would be taken for what is sent. */
  async function refuseStarted({ id }: CampaignDraft): Promise<void> {
    if ((await stores.campaigns.find(id)) === undefined) return;
    throw new UserError(
      'INVALID_CAMPAIGN',
      `It was started already, as ${id}. To send something else, begin a new campaign.`,
    );
  }

  async function report(request: CampaignRequest, rows: number): Promise<PreflightReport> {
    const lastText = request.action === 'notify' ? await lastTextOf(stores, request.program) : undefined;
    const found = await inForm(() => preflight(request, { lastText, rows }));
    return {
      card: request.program.card,
      preflight: found,
      isWhole: found.rows < rows,
      takes: expectedTime(found.toSend, config.passmachine),
    };
  }
}

/** What is refused names flags of the command line otherwise. */
async function inForm<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isUserError(error, 'INVALID_CAMPAIGN')
      ? new UserError('INVALID_CAMPAIGN', inWordsOfForm(error.message))
      : error;
  }
}

/** The actions that a program has a section for. */
function offer(program: Program): OfferedProgram {
  const has = (action: CampaignAction) => templateOf(program, passActionOf(action)) !== undefined;
  return { name: program.name, actions: campaignActions.filter(has) };
}

/** None where this process may not read them; a file can be uploaded all the same. */
function sourceNames(sources: () => Sources, log: Logger): string[] {
  try {
    return [...sources().keys()];
  } catch (error) {
    log.warn({ event: 'sources.unreadable', err: error }, 'no sources are offered in the dashboard');
    return [];
  }
}
