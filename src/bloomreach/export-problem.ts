/**
 * Every way in which an export can fail to arrive, once. These are no failures of jobs: there is no
 * job, row or card yet, nothing to look up and nothing to retry but the export itself.
 */

import { credentialWords, permissionWords } from './refusal-words.ts';
import { readError } from './wire.ts';

interface ProblemKind {
  /** Whether exporting again, unchanged, can help. */
  repeat: boolean;
  /** What it means, in words for someone who did not build this. */
  meaning: string;
  remedy: string;
}

const kinds = {
  unreachable: {
    repeat: true,
    meaning: 'Bloomreach could not be reached, or the connection broke',
    remedy: 'Check BLOOMREACH_URL and the network.',
  },
  stalled: {
    repeat: true,
    meaning: 'Bloomreach stopped sending in the middle',
    remedy: 'Export again, at a quieter hour or with a smaller segment.',
  },
  'cut-short': {
    repeat: true,
    meaning: 'The export ends in the middle',
    remedy: 'Export again.',
  },
  'rate-limited': {
    repeat: true,
    meaning: 'Bloomreach asked to slow down (429)',
    remedy: 'Export again later.',
  },
  unavailable: {
    repeat: true,
    meaning: 'Bloomreach answered with an error of its own (5xx)',
    remedy: 'Export again later.',
  },
  unauthorized: {
    repeat: false,
    meaning: 'Bloomreach refused the API key or the project token',
    remedy: 'Check BLOOMREACH_PROJECT_TOKEN, BLOOMREACH_API_KEY_ID and BLOOMREACH_API_SECRET.',
  },
  'not-permitted': {
    repeat: false,
    meaning: 'The API key may not export customers',
    remedy: 'Give its group the permission GDPR > Export customers.',
  },
  'segmentation-unknown': {
    repeat: false,
    meaning: 'Bloomreach does not know this segment',
    remedy: 'Check the id of the segmentation and the number of the segment, counted from 0.',
  },
  refused: {
    repeat: false,
    meaning: 'Bloomreach refused to export',
    remedy: 'Read its answer.',
  },
  'wrong-address': {
    repeat: false,
    meaning: 'What answered is not Bloomreach’s export',
    remedy: 'Check BLOOMREACH_URL, and whether a proxy answers in its place.',
  },
  unmeasured: {
    repeat: false,
    meaning: 'The answer does not tell where it ends, so that nobody could tell whether it is whole',
    remedy: 'Export as native_json, which does, or mend the proxy in between.',
  },
  unwritable: {
    repeat: false,
    meaning: 'The export could not be stored',
    remedy: 'Check the folder, its permissions and the space on its disk.',
  },
  aborted: {
    repeat: false,
    meaning: 'The export was given up',
    remedy: 'Export again.',
  },
} as const satisfies Record<string, ProblemKind>;

export type ExportProblemCode = keyof typeof kinds;

/** The whole table, by code. `docs/bloomreach-export.md` lists the same. */
export const exportProblemKinds: Readonly<Record<ExportProblemCode, ProblemKind>> = kinds;

/** Why there is no export. A value, not an exception. */
export interface ExportProblem {
  code: ExportProblemCode;
  /** One line for a person: what it means, what was answered, what to do. */
  message: string;
  /** Whether exporting again, unchanged, can help. */
  repeat: boolean;
  /** HTTP status, where there was an answer. */
  status?: number;
  /** How long Bloomreach asked to wait. */
  retryAfterMs?: number;
}

const DETAIL_LIMIT = 300;

/** Builds an {@link ExportProblem}; the detail is cut to 300 characters. */
export function exportProblem(
  code: ExportProblemCode,
  detail: string,
  more: Pick<ExportProblem, 'status' | 'retryAfterMs'> = {},
): ExportProblem {
  const { repeat, meaning, remedy } = exportProblemKinds[code];
  return { code, message: `${meaning}: ${detail.slice(0, DETAIL_LIMIT)}. ${remedy}`, repeat, ...more };
}

interface Refusal {
  status: number;
  text: string;
  retryAfterMs?: number;
}

/** What a refusal means, whether it came with a status of its own or as a 200 with `success: false`. */
export function problemOfRefusal({ status, text, retryAfterMs }: Refusal): ExportProblem {
  const detail = readError(text) || 'no words';
  return exportProblem(codeOf(status, detail), `${status}, ${detail}`, {
    status,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

function codeOf(status: number, detail: string): ExportProblemCode {
  if (status === 429) return 'rate-limited';
  if (status >= 500 || status === 408) return 'unavailable';
  if (status === 401 || credentialWords.test(detail)) return 'unauthorized';
  if (status === 403 || permissionWords.test(detail)) return 'not-permitted';
  if (/segment/i.test(detail)) return 'segmentation-unknown';
  return status === 404 || (status >= 300 && status < 400) ? 'wrong-address' : 'refused';
}
