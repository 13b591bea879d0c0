/**
 * Every way in which an export can fail. These are not failures of jobs: there is no job, row or card yet, and
 * nothing to retry but the export itself.
 */

import { credentialError, permissionError, readError } from './answers.ts';

interface ProblemKind {
  /** Whether an unchanged retry can help. */
  retryable: boolean;
  /** What happened, for operators, without the final period. */
  meaning: string;
  /** What an operator should do. */
  remedy: string;
}

const kinds = {
  unreachable: {
    retryable: true,
    meaning: 'Bloomreach could not be reached, or the connection broke',
    remedy: 'Check BLOOMREACH_URL and the network.',
  },
  stalled: {
    retryable: true,
    meaning: 'Bloomreach stopped sending in the middle of the export',
    remedy: 'Export again at a quieter hour, or export a smaller segment.',
  },
  truncated: {
    retryable: true,
    meaning: 'The export is incomplete',
    remedy: 'Export again.',
  },
  'rate-limited': {
    retryable: true,
    meaning: 'Bloomreach asked to slow down (429)',
    remedy: 'Export again later.',
  },
  unavailable: {
    retryable: true,
    meaning: 'Bloomreach answered with a server error (5xx)',
    remedy: 'Export again later.',
  },
  unauthorized: {
    retryable: false,
    meaning: 'Bloomreach refused the API key or the project token',
    remedy: 'Check BLOOMREACH_PROJECT_TOKEN, BLOOMREACH_API_KEY_ID and BLOOMREACH_API_SECRET.',
  },
  'not-permitted': {
    retryable: false,
    meaning: 'The API key may not export customers',
    remedy: 'Give its group the permission GDPR > Export customers.',
  },
  'segmentation-unknown': {
    retryable: false,
    meaning: 'Bloomreach does not know this segment',
    remedy: 'Check the id of the segmentation and the index of the segment, which counts from 0.',
  },
  refused: {
    retryable: false,
    meaning: 'Bloomreach refused to export',
    remedy: 'Read its answer.',
  },
  'wrong-address': {
    retryable: false,
    meaning: 'The answer is not a Bloomreach export',
    remedy: 'Check BLOOMREACH_URL, and whether a proxy answers instead of Bloomreach.',
  },
  'no-length': {
    retryable: false,
    meaning: 'The answer does not say where it ends, so a truncated file could not be detected',
    remedy: 'Export as native_json, which can be checked, or fix the proxy in between.',
  },
  unwritable: {
    retryable: false,
    meaning: 'The export could not be stored',
    remedy: 'Check the folder, its permissions and the free disk space.',
  },
  aborted: {
    retryable: false,
    meaning: 'The export was canceled',
    remedy: 'Export again.',
  },
} as const satisfies Record<string, ProblemKind>;

export type ExportProblemCode = keyof typeof kinds;

/** The table, by code. `docs/bloomreach-export.md` lists the same rows. */
export const exportProblemKinds: Readonly<Record<ExportProblemCode, ProblemKind>> = kinds;

/** Why there is no export. A value, not an exception. */
export interface ExportProblem {
  code: ExportProblemCode;
  /** One line for an operator: what it means, what was answered, what to do. */
  message: string;
  /** Whether an unchanged retry can help. */
  retryable: boolean;
  /** HTTP status, if there was an answer. */
  status?: number;
  /** How long Bloomreach asked to wait. */
  retryAfterMs?: number;
}

const MAX_DETAIL_LENGTH = 300;

/** Builds an {@link ExportProblem}; truncates the detail to 300 characters. */
export function exportProblem(
  code: ExportProblemCode,
  detail: string,
  more: Pick<ExportProblem, 'status' | 'retryAfterMs'> = {},
): ExportProblem {
  const { retryable, meaning, remedy } = exportProblemKinds[code];
  const message = `${meaning}: ${detail.slice(0, MAX_DETAIL_LENGTH)}. ${remedy}`;
  return { code, message, retryable, ...more };
}

interface Refusal {
  status: number;
  text: string;
  retryAfterMs?: number;
}

/** Classifies a refusal: an error status, or a 200 with `success: false`. */
export function problemOfRefusal({ status, text, retryAfterMs }: Refusal): ExportProblem {
  const detail = readError(text) || 'no message';
  return exportProblem(codeOf(status, detail), `${status}, ${detail}`, {
    status,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

function codeOf(status: number, detail: string): ExportProblemCode {
  if (status === 429) return 'rate-limited';
  if (status >= 500 || status === 408) return 'unavailable';
  if (status === 401 || credentialError.test(detail)) return 'unauthorized';
  if (status === 403 || permissionError.test(detail)) return 'not-permitted';
  if (/segment/i.test(detail)) return 'segmentation-unknown';
  return status === 404 || (status >= 300 && status < 400) ? 'wrong-address' : 'refused';
}
