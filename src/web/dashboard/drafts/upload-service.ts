/** Port of the uploads: whose they are, and how much room they may take. */

import type { AuditDraft } from '../../../domain/operators/audit-entry.ts';
import type { Operator } from '../../../domain/operators/operator.ts';

/** Who performs an action, and how; goes into the audit log. */
type Context = Pick<AuditDraft, 'by' | 'via' | 'reason'>;

/** Why a request about an upload is refused; the message says what to do. */
export interface UploadRefusal {
  refused: 'not-found' | 'not-yours' | 'in-use' | 'too-large' | 'quota' | 'disk-full';
  message: string;
}

/** An upload, without its location on disk. */
export interface UploadView {
  id: string;
  /** Name of the file on the operator's disk. */
  name: string;
  /** Size that was announced, and the bytes that have arrived. */
  bytes: number;
  received: number;
  by: string;
  /** When it was begun, ms since 1970. */
  at: number;
  /** Ids of the campaigns that use it. */
  campaigns: string[];
  /** Whether one of them keeps it from being deleted. */
  isNeeded: boolean;
}

export interface UploadService {
  /** Admits an upload of `bytes`. `release` must be called once it is on disk or has failed. */
  reserve(bytes: number, by: string): Promise<{ release: () => void } | UploadRefusal>;
  /** Audits an upload that is about to be created. */
  recordStart(upload: { id: string; bytes: number }, context: Context): Promise<void>;
  /** Returns why an operator may not continue an upload; undefined if it is theirs. */
  refusalOf(id: string, by: string): Promise<UploadRefusal | undefined>;
  /** Deletes an upload of the operator, or of anyone for an admin, unless a campaign needs it. */
  remove(id: string, operator: Operator, context: Context): Promise<UploadRefusal | undefined>;
  /** Lists the uploads of the operator, or all for an admin. */
  list(operator: Operator): Promise<UploadView[]>;
}
