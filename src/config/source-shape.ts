/** The shape of a source in the programs file. Secrets are named there, never written: `$SFTP_PASSWORD`. */

import { z } from 'zod';

const filled = z.string().min(1, 'is empty');

/** A secret that is kept in the environment. */
const secretName = z
  .string()
  .regex(
    /^\$[A-Za-z_]\w*$/,
    'must be $ and the name of a variable, such as $SFTP_PASSWORD: secrets do not belong into this file',
  );

const sftpShape = z
  .strictObject({
    host: filled,
    port: z.int().min(1).max(65_535).default(22),
    username: filled,
    hostKey: z
      .string()
      .regex(
        /^SHA256:[\w+/]{43}=?$/,
        'must be the server’s key as `ssh-keyscan HOST | ssh-keygen -lf -` prints it: SHA256:…',
      ),
    path: filled.default('.'),
    password: secretName.optional(),
    privateKeyFile: filled.optional(),
    passphrase: secretName.optional(),
  })
  .refine(({ password, privateKeyFile: key }) => (password === undefined) !== (key === undefined), {
    message: 'needs either password or privateKeyFile',
  });

const s3Shape = z.strictObject({
  endpoint: z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// address' }).optional(),
  region: filled.default('us-east-1'),
  bucket: filled,
  prefix: z.string().default(''),
  accessKeyId: secretName,
  secretAccessKey: secretName,
  forcePathStyle: z.boolean().default(false),
});

const segmentShape = z.strictObject({
  segmentation: filled.optional(),
  segment: z.int().min(0).default(0),
  format: z.enum(['native_json', 'csv']).default('native_json'),
  attributes: z.array(filled).default([]),
});

/** Names of places, of which a source has one. */
const places = ['folder', 'sftp', 's3', 'bloomreach'] as const;

export const sourceShape = z
  .strictObject({
    folder: filled.optional(),
    sftp: sftpShape.optional(),
    s3: s3Shape.optional(),
    bloomreach: segmentShape.optional(),
    file: filled.optional(),
    marker: filled.optional(),
    /** Seconds. */
    settle: z.number().min(0).max(3600).default(30),
  })
  .superRefine((source, { addIssue }) => {
    const named = places.filter((place) => source[place] !== undefined);
    if (named.length !== 1) {
      addIssue({ code: 'custom', message: `needs one of ${places.join(', ')}`, input: source });
    } else if (source.bloomreach === undefined && source.file === undefined) {
      addIssue({
        code: 'custom',
        path: ['file'],
        message: 'is missing: a name or a pattern such as segment-*.csv',
        input: source,
      });
    }
  });

/** A source as the file has it. */
export type SourceText = z.infer<typeof sourceShape>;

/** The keys that are allowed at a place below a source, for "did you mean". */
export function sourceKeysAt([place]: readonly PropertyKey[]): string[] {
  switch (place) {
    case undefined:
      return Object.keys(sourceShape.shape);
    case 'sftp':
      return Object.keys(sftpShape.shape);
    case 's3':
      return Object.keys(s3Shape.shape);
    case 'bloomreach':
      return Object.keys(segmentShape.shape);
    default:
      return [];
  }
}
