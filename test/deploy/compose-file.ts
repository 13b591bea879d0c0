/**
 * Reads Compose files, merged as `docker compose -f … -f …` merges them. Validates them against the part of
 * the Compose language that ours use, so that a misspelled key or an extra privilege is an error.
 */

import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const names = z.array(z.string());
const variables = z.record(z.string(), z.string());
/** Whole seconds. */
const seconds = z
  .string()
  .regex(/^\d+s$/)
  .transform((text) => Number(text.slice(0, -1)));
const volumeMount = z.string().regex(/^(\.\/)?[\w./-]+:\/[\w./-]+(:ro)?$/);

const service = z.strictObject({
  // A pinned version, or the image that is built here.
  image: z.string().regex(/^(passbridge|[a-z/]+:v?\d+\.\d+\.\d+(-\w+)?)$/),
  build: z.literal('.').optional(),
  restart: z.literal('unless-stopped'),
  user: z.string().optional(),
  env_file: z.union([z.literal('.env'), z.tuple([])]).optional(),
  environment: variables.optional(),
  command: names.optional(),
  volumes: z.array(volumeMount).optional(),
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

const project = z.looseObject({
  name: z.string(),
  services: z.record(z.string(), service),
  volumes: z.record(z.string(), z.strictObject({})),
});

/** The allowed top-level keys; `x-…` are fragments for YAML anchors. */
const topLevel = /^(name|services|volumes|x-[a-z]+)$/;

export type Project = z.infer<typeof project>;

type Tree = Record<string, unknown>;

/** Stands for `!reset`, which clears the value of the lower file. */
const emptied = Symbol('!reset');
const reset = { tag: '!reset', collection: 'seq' as const, resolve: () => emptied };

export function readProject(...files: readonly string[]): Project {
  return parseProject(...files.map((file) => readFileSync(file, 'utf8')));
}

/** Throws if the merged project has anything that ours do not use. */
export function parseProject(...texts: readonly string[]): Project {
  const trees = texts.map((text) => parse(text, { merge: true, customTags: [reset] }) as Tree);
  const merged = trees.reduce((below, above) => merge(below, above) as Tree);
  const unknown = Object.keys(merged).filter((key) => !topLevel.test(key));
  if (unknown.length > 0) throw new Error(`unknown keys: ${unknown.join(', ')}`);
  return project.parse(merged);
}

/** Merges by the rules of https://docs.docker.com/reference/compose-file/merge/. */
function merge(below: unknown, above: unknown, key = ''): unknown {
  if (above === emptied) return [];
  if (key === 'volumes' && Array.isArray(below) && Array.isArray(above)) {
    const targets = new Set(above.map(targetOf));
    return [...below.filter((volume) => !targets.has(targetOf(volume))), ...(above as unknown[])];
  }
  if (key === 'command' || key === 'test' || !isTree(below) || !isTree(above)) return above;
  const merged = Object.entries(above).map(([name, value]) => [name, merge(below[name], value, name)]);
  return { ...below, ...(Object.fromEntries(merged) as Tree) };
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns the path in the container of a volume `source:target[:ro]`. */
function targetOf(volume: unknown): string | undefined {
  return String(volume).split(':')[1];
}
