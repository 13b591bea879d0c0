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
    host: filled.describe('Name or address of the SFTP server.'),
    port: z.int().min(1).max(65_535).default(22).describe('Its port.'),
    username: filled.describe('The user to sign in as.'),
    hostKey: z
      .string()
      .regex(
        /^SHA256:[\w+/]{43}=?$/,
        'must be the server’s key as `ssh-keyscan HOST | ssh-keygen -lf -` prints it: SHA256:…',
      )
      .describe('The server’s key, as `ssh-keyscan HOST | ssh-keygen -lf -` prints it.'),
    path: filled.default('.').describe('Its folder with the files.'),
    password: secretName.optional().describe('Name of the variable with the password; or privateKeyFile.'),
    privateKeyFile: filled
      .optional()
      .describe('Path of the private key; a relative one starts at this file.'),
    passphrase: secretName.optional().describe('Name of the variable with the key’s passphrase.'),
  })
  .refine(({ password, privateKeyFile: key }) => (password === undefined) !== (key === undefined), {
    message: 'needs either password or privateKeyFile',
  });

const s3Shape = z.strictObject({
  endpoint: z
    .url({ protocol: /^https?$/, error: 'must be an http:// or https:// address' })
    .optional()
    .describe('Address of the storage, where it is not AWS.'),
  region: filled.default('us-east-1').describe('Region of the bucket.'),
  bucket: filled.describe('Name of the bucket.'),
  prefix: z.string().default('').describe('The folder in it.'),
  accessKeyId: secretName.describe('Name of the variable with the id of the key.'),
  secretAccessKey: secretName.describe('Name of the variable with the key.'),
  forcePathStyle: z
    .boolean()
    .default(false)
    .describe('Addresses with the bucket in the path, as MinIO has them.'),
});

const segmentShape = z.strictObject({
  segmentation: filled.optional().describe('Id of the segmentation; absent: all customers.'),
  segment: z.int().min(0).default(0).describe('Which of its segments, from 0.'),
  format: z
    .enum(['native_json', 'csv'])
    .default('native_json')
    .describe('What is asked for; native_json tells whether it is whole.'),
  attributes: z.array(filled).default([]).describe('Attributes besides those that the templates use.'),
});

/** Names of places, of which a source has one. */
const places = ['folder', 'sftp', 's3', 'bloomreach'] as const;

export const sourceShape = z
  .strictObject({
    folder: filled.optional().describe('A folder of this machine; a relative path starts at this file.'),
    sftp: sftpShape.optional().describe('A folder on an SFTP server.'),
    s3: s3Shape.optional().describe('A bucket of AWS S3, or of what speaks like it.'),
    bloomreach: segmentShape.optional().describe('Bloomreach’s export API.'),
    file: filled
      .optional()
      .describe('Name of the file, or a pattern such as segment-*.csv: the newest is taken.'),
    marker: filled.optional().describe('A file that says that another is whole, e.g. {name}.done.'),
    settle: z
      .number()
      .min(0)
      .max(3600)
      .default(30)
      .describe('Seconds for which a file has to stay as it is to count as whole, where there is no marker.'),
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
