/** What of Compose's own language our files use; anything else in them is a typing error, or a right too many. */

import { z } from 'zod';

const names = z.array(z.string());
const variables = z.record(z.string(), z.string());
/** Whole seconds. */
const seconds = z
  .string()
  .regex(/^\d+s$/)
  .transform((text) => Number(text.slice(0, -1)));
const volume = z.string().regex(/^(\.\/)?[\w./-]+:\/[\w./-]+(:ro)?$/);

const service = z.strictObject({
  // A version to the last digit, or the image that is built here.
  image: z.string().regex(/^(passbridge|[a-z/]+:v?\d+\.\d+\.\d+(-\w+)?)$/),
  build: z.literal('.').optional(),
  restart: z.literal('unless-stopped'),
  user: z.string().optional(),
  env_file: z.union([z.literal('.env'), z.tuple([])]).optional(),
  environment: variables.optional(),
  command: names.optional(),
  volumes: z.array(volume).optional(),
  ports: z.array(z.string().regex(/^127\.0\.0\.1:\d+:\d+$/)).optional(),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.literal('service_healthy') })).optional(),
  deploy: z.strictObject({ replicas: z.int().positive() }).optional(),
  healthcheck: z
    .strictObject({
      test: z.tuple([z.literal('CMD')], z.string()),
      interval: seconds,
      timeout: seconds,
      retries: z.int().positive(),
    })
    .optional(),
  stop_grace_period: seconds.optional(),
  read_only: z.literal(true),
  tmpfs: names.optional(),
  cap_drop: z.tuple([z.literal('ALL')]),
  security_opt: z.tuple([z.literal('no-new-privileges:true')]),
  logging: z.strictObject({ driver: z.literal('json-file'), options: variables }).optional(),
});

export type Service = z.infer<typeof service>;

/** A file, or several merged. */
export const project = z.looseObject({
  name: z.string(),
  services: z.record(z.string(), service),
  volumes: z.record(z.string(), z.strictObject({})),
});

/** Nothing on top but fragments (`x-…`) and what is meant. */
export const topLevel = /^(name|services|volumes|x-[a-z]+)$/;
