/** The shape of a source in the programs file. The file must not contain secrets, only references to them: `$SFTP_PASSWORD`. */

import { z } from 'zod';

const filled = z.string().min(1, 'is empty');

/** Refers to a secret in the environment. */
const secretName = z
  .string()
  .regex(
    /^\$[A-Za-z_]\w*$/,
    'must be $ and the name of a variable, such as $SFTP_PASSWORD: secrets must not be in this file',
  );

const sftpShape = z
  .strictObject({
    host: filled.describe('Name or address of the SFTP server.'),
    port: z.int().min(1).max(65_535).default(22).describe('Port of the server.'),
    username: filled.describe('The user to log in as.'),
    hostKey: z
      .string()
      .regex(
        /^SHA256:[\w+/]{43}=?$/,
        'must be the server’s key as `ssh-keyscan HOST | ssh-keygen -lf -` prints it: SHA256:…',
      )
      .describe('The server’s key, as `ssh-keyscan HOST | ssh-keygen -lf -` prints it.'),
    path: filled.default('.').describe('Folder of the files on the server.'),
    password: secretName
      .optional()
      .describe('$NAME of the variable with the password. Use either this or privateKeyFile.'),
    privateKeyFile: filled
      .optional()
      .describe('Path of the private key; a relative path starts at the programs file.'),
    passphrase: secretName.optional().describe('$NAME of the variable with the key’s passphrase.'),
  })
  .refine(({ password, privateKeyFile: key }) => (password === undefined) !== (key === undefined), {
    message: 'needs either password or privateKeyFile',
  });

const s3Shape = z.strictObject({
  endpoint: z
    .url({ protocol: /^https?$/, error: 'must be an http:// or https:// address' })
    .optional()
    .describe('URL of the storage. Default: AWS.'),
  region: filled.default('us-east-1').describe('Region of the bucket.'),
  bucket: filled.describe('Name of the bucket.'),
  prefix: z.string().default('').describe('Folder in the bucket.'),
  accessKeyId: secretName.describe('$NAME of the variable with the access key id.'),
  secretAccessKey: secretName.describe('$NAME of the variable with the secret access key.'),
  forcePathStyle: z
    .boolean()
    .default(false)
    .describe('Puts the bucket into the path of URLs, as MinIO requires.'),
});

const segmentShape = z.strictObject({
  segmentation: filled.optional().describe('Id of the segmentation. Default: all customers.'),
  segment: z.int().min(0).default(0).describe('Index of the segment in the segmentation, from 0.'),
  format: z
    .enum(['native_json', 'csv'])
    .default('native_json')
    .describe('Format to request. With native_json an incomplete export is detected.'),
  attributes: z
    .array(filled)
    .default([])
    .describe('Attributes to export in addition to those that the templates use.'),
});

/** The kinds of location, of which a source has exactly one. */
const locations = ['folder', 'sftp', 's3', 'bloomreach'] as const;

export const sourceShape = z
  .strictObject({
    folder: filled
      .optional()
      .describe('A folder of this machine; a relative path starts at the programs file.'),
    sftp: sftpShape.optional().describe('A folder on an SFTP server.'),
    s3: s3Shape.optional().describe('A bucket of AWS S3 or of compatible storage.'),
    bloomreach: segmentShape.optional().describe('A segment, from Bloomreach’s export API.'),
    file: filled
      .optional()
      .describe('Name of the file, or a pattern such as segment-*.csv, of which the newest file is used.'),
    marker: filled
      .optional()
      .describe('Name of the file whose presence means that the export is complete, e.g. {name}.done.'),
    settle: z
      .number()
      .min(0)
      .max(3600)
      .default(30)
      .describe('Without a marker: seconds for which a file must stay unchanged to count as complete.'),
  })
  .superRefine((source, { addIssue }) => {
    const named = locations.filter((location) => source[location] !== undefined);
    if (named.length !== 1) {
      addIssue({ code: 'custom', message: `needs exactly one of ${locations.join(', ')}`, input: source });
    } else if (source.bloomreach === undefined && source.file === undefined) {
      addIssue({
        code: 'custom',
        path: ['file'],
        message: 'is missing: a name or a pattern such as segment-*.csv',
        input: source,
      });
    }
  });

/** A source as written in the file. */
export type SourceSpec = z.infer<typeof sourceShape>;

/** Returns the keys that are allowed at a path below a source, for "did you mean". */
export function sourceKeysAt([location]: readonly PropertyKey[]): string[] {
  switch (location) {
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
