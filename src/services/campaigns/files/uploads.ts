/** The uploads of operators: who may use and delete one, and how much room they may take. */

import { statfs } from 'node:fs/promises';
import type { Config } from '../../../config/config.ts';
import { formatNumber } from '../../../domain/presentation/format.ts';
import { systemClock } from '../../../kit/clock.ts';
import type { UploadRefusal, UploadService } from '../../../web/dashboard/drafts/upload-service.ts';
import { audited } from '../../operators/audit.ts';
import type { Stores } from '../../stores.ts';
import { uploadFolder } from './fetch.ts';
import { neededUntil, usersOfFiles } from './file-needs.ts';
import { removeFile } from './file-sweep.ts';
import { makeUploadRecords, type UploadRecords } from './upload-records.ts';

const MB = 1_000_000;

/** An upload counts as this at least, so that empty ones are limited, too. */
const LEAST_BYTES = MB;

/** Left free on the disk: a private Redis on it stops all processing when it cannot write. */
const RESERVED_BYTES = 256 * MB;

type UploadConfig = Pick<Config, 'files' | 'uploads'>;

export interface Uploads extends UploadService, Pick<UploadRecords, 'find' | 'touch'> {}

export function makeUploads(
  stores: Pick<Stores, 'audit' | 'campaigns'>,
  config: UploadConfig,
  freeBytes = availableBytes,
): Uploads {
  const folder = uploadFolder(config);
  const { find, list, touch } = makeUploadRecords(folder);
  /** Admitted and not on disk yet. */
  const reserved = new Set<{ bytes: number; by: string }>();

  const own = async (id: string, by: string) => {
    const upload = await find(id);
    if (upload === undefined) return refused.notFound(id);
    return upload.by === by ? upload : refused.notYours(upload.by);
  };

  return {
    find,
    touch,
    async reserve(bytes, by) {
      const { maxBytes, operatorBytes, totalBytes } = config.uploads;
      if (bytes > maxBytes) return refused.tooLarge(maxBytes);
      const reservation = { bytes, by };
      const others = [...reserved];
      // Before the first wait, so that two at once cannot have the same room.
      reserved.add(reservation);
      const release = () => void reserved.delete(reservation);
      const taken = [...(await list()), ...others];
      const refusal =
        problemOfQuota(
          sum(taken.filter((other) => other.by === by)),
          bytes,
          quotas.operator(operatorBytes),
        ) ??
        problemOfQuota(sum(taken), bytes, quotas.total(totalBytes)) ??
        problemOfDisk(await freeBytes(folder), bytes);
      if (refusal === undefined) return { release };
      release();
      return refusal;
    },
    recordStart: ({ id, bytes }, context) =>
      audited(stores, { ...context, action: 'upload.start', target: id, after: { bytes } }, async () => {}),
    async refusalOf(id, by) {
      const found = await own(id, by);
      return 'refused' in found ? found : undefined;
    },
    async remove(id, { name, role }, context) {
      const found = role === 'admin' ? ((await find(id)) ?? refused.notFound(id)) : await own(id, name);
      if ('refused' in found) return found;
      const now = systemClock();
      const users = (await usersOfFiles(stores, now)).get(found.path);
      const user = users?.find(({ until }) => until > now);
      if (user !== undefined) return refused.inUse(user.id);
      const { path, bytes, by } = found;
      await audited(
        stores,
        { ...context, action: 'upload.delete', target: id, before: { bytes, by } },
        async () => removeFile({ path, metadata: `${path}.json` }),
      );
      return undefined;
    },
    async list({ name, role }) {
      const now = systemClock();
      const users = await usersOfFiles(stores, now);
      const uploads = (await list()).filter(({ by }) => by === name || role === 'admin');
      return uploads.map(({ id, path, name: file, bytes, received, by, at }) => {
        const used = users.get(path) ?? [];
        const isNeeded = neededUntil(used) > now;
        return { id, name: file, bytes, received, by, at, campaigns: used.map((user) => user.id), isNeeded };
      });
    },
  };
}

const refused = {
  notFound: (id: string): UploadRefusal => ({
    refused: 'not-found',
    message: `There is no upload ${id.slice(0, 40)}. One that no campaign uses is deleted after a day. Upload the file again.`,
  }),
  notYours: (by: string): UploadRefusal => ({
    refused: 'not-yours',
    message: `This upload belongs to ${by}. Upload the file yourself.`,
  }),
  inUse: (campaign: string): UploadRefusal => ({
    refused: 'in-use',
    message: `The campaign ${campaign} needs this upload. It is deleted 30 days after the campaign has ended.`,
  }),
  tooLarge: (maxBytes: number): UploadRefusal => ({
    refused: 'too-large',
    message: `The file is larger than ${inMb(maxBytes)} MB (UPLOAD_MAX_MB). Compress it with gzip, or split it.`,
  }),
};

interface Quota {
  bytes: number;
  subject: string;
  setting: string;
}

const quotas = {
  operator: (bytes: number): Quota => ({
    bytes,
    subject: 'Your uploads',
    setting: 'UPLOADS_PER_OPERATOR_MB',
  }),
  total: (bytes: number): Quota => ({ bytes, subject: 'All uploads together', setting: 'UPLOADS_TOTAL_MB' }),
};

function problemOfQuota(taken: number, bytes: number, quota: Quota): UploadRefusal | undefined {
  const { bytes: allowed, subject, setting } = quota;
  if (taken + Math.max(bytes, LEAST_BYTES) <= allowed) return undefined;
  return {
    refused: 'quota',
    message: `${subject} have ${inMb(taken)} MB of ${inMb(allowed)} MB (${setting}), and ${inMb(bytes)} MB more do not fit. Delete uploads that no campaign needs (GET /api/uploads lists yours), or try again when they have expired, after a day.`,
  };
}

function problemOfDisk(free: number, bytes: number): UploadRefusal | undefined {
  if (free - bytes >= RESERVED_BYTES) return undefined;
  return {
    refused: 'disk-full',
    message: `The disk of DATA_DIR has ${inMb(free)} MB left, ${inMb(RESERVED_BYTES)} MB of which must stay free, and the file has ${inMb(bytes)} MB. Free some space on the server, then upload the file again.`,
  };
}

function sum(uploads: readonly { bytes: number }[]): number {
  return uploads.reduce((total, { bytes }) => total + Math.max(bytes, LEAST_BYTES), 0);
}

function inMb(bytes: number): string {
  return formatNumber(Math.ceil(bytes / MB));
}

async function availableBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
