/**
 * Schemas of Grafana's dashboard model (schemaVersion 39) and provisioning files, with exactly the fields we use.
 * https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/
 */

import { z } from 'zod';

const datasource = z.strictObject({ type: z.literal('prometheus'), uid: z.literal('${datasource}') });

const gridPos = z.strictObject({
  x: z.int().min(0).max(23),
  y: z.int().min(0),
  w: z.int().min(1).max(24),
  h: z.int().min(1),
});

const target = z.strictObject({
  refId: z.string().regex(/^[A-Z]$/),
  datasource,
  expr: z.string().min(1),
  legendFormat: z.string(),
  instant: z.boolean().optional(),
  range: z.boolean().optional(),
  format: z.literal('table').optional(),
});

const row = z.strictObject({
  id: z.int(),
  type: z.literal('row'),
  title: z.string(),
  collapsed: z.literal(false),
  gridPos,
  panels: z.tuple([]),
});

const chart = z.strictObject({
  id: z.int(),
  type: z.enum(['stat', 'timeseries', 'bargauge', 'table']),
  title: z.string(),
  description: z.string().optional(),
  datasource,
  gridPos,
  targets: z.array(target).min(1),
  fieldConfig: z.strictObject({
    defaults: z.record(z.string(), z.unknown()),
    overrides: z.array(
      z.strictObject({
        matcher: z.strictObject({ id: z.literal('byName'), options: z.string() }),
        properties: z.array(z.strictObject({ id: z.string(), value: z.unknown() })),
      }),
    ),
  }),
  options: z.record(z.string(), z.unknown()),
  transformations: z
    .array(z.strictObject({ id: z.string(), options: z.record(z.string(), z.unknown()) }))
    .optional(),
});

export const dashboardShape = z.strictObject({
  uid: z.string().max(40),
  title: z.string(),
  description: z.string(),
  tags: z.array(z.string()),
  timezone: z.literal('browser'),
  editable: z.boolean(),
  graphTooltip: z.int(),
  schemaVersion: z.literal(39),
  version: z.int(),
  refresh: z.string(),
  time: z.strictObject({ from: z.string(), to: z.string() }),
  templating: z.strictObject({
    list: z.tuple([
      z.strictObject({
        name: z.literal('datasource'),
        label: z.string(),
        type: z.literal('datasource'),
        query: z.literal('prometheus'),
        current: z.strictObject({ text: z.string(), value: z.string() }),
        hide: z.literal(0),
      }),
    ]),
  }),
  annotations: z.strictObject({ list: z.tuple([]) }),
  links: z.tuple([]),
  panels: z.array(z.discriminatedUnion('type', [row, chart])),
});

export const datasourcesShape = z.strictObject({
  apiVersion: z.literal(1),
  datasources: z.tuple([
    z.strictObject({
      name: z.string(),
      uid: z.string(),
      type: z.literal('prometheus'),
      access: z.literal('proxy'),
      url: z.url(),
      isDefault: z.literal(true),
      jsonData: z.strictObject({ timeInterval: z.string() }),
    }),
  ]),
});

export const providersShape = z.strictObject({
  apiVersion: z.literal(1),
  providers: z.tuple([
    z.strictObject({
      name: z.string(),
      type: z.literal('file'),
      disableDeletion: z.boolean(),
      allowUiUpdates: z.boolean(),
      options: z.strictObject({ path: z.literal('/var/lib/grafana/dashboards') }),
    }),
  ]),
});
