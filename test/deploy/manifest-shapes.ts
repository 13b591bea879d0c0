/**
 * Schemas of the Kubernetes objects that we use, with exactly the fields that we use: a misspelled field is
 * rejected, as by the API server. Names and types are those of apps/v1, core/v1, policy/v1 and keda.sh/v1alpha1.
 */

import { z } from 'zod';

const name = z.string().regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
const labels = z.record(z.string(), z.string());
const quantity = z.string().regex(/^\d+(m|Mi|Gi)?$/);
const amounts = z.strictObject({
  cpu: quantity.optional(),
  memory: quantity.optional(),
  storage: quantity.optional(),
});
const metadata = z.strictObject({ name });
const selector = z.strictObject({ matchLabels: labels });

const probe = z.strictObject({
  httpGet: z.strictObject({ path: z.string(), port: z.string() }),
  periodSeconds: z.int().positive(),
  failureThreshold: z.int().positive(),
});

const container = z.strictObject({
  name,
  image: z.string(),
  args: z.array(z.string()),
  envFrom: z.array(
    z.union([z.strictObject({ configMapRef: metadata }), z.strictObject({ secretRef: metadata })]),
  ),
  env: z.array(z.strictObject({ name: z.string().regex(/^[A-Z_]+$/), value: z.string() })).optional(),
  ports: z.array(z.strictObject({ name, containerPort: z.int() })),
  startupProbe: probe,
  livenessProbe: probe,
  readinessProbe: probe,
  lifecycle: z
    .strictObject({
      preStop: z.strictObject({
        exec: z.strictObject({ command: z.tuple([z.literal('sleep'), z.string()]) }),
      }),
    })
    .optional(),
  resources: z.strictObject({
    requests: amounts.required({ cpu: true, memory: true }),
    limits: amounts.required({ memory: true }),
  }),
  securityContext: z.strictObject({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    capabilities: z.strictObject({ drop: z.tuple([z.literal('ALL')]) }),
  }),
  volumeMounts: z.array(
    z.strictObject({ name, mountPath: z.string().startsWith('/'), readOnly: z.boolean().optional() }),
  ),
});

const volume = z.union([
  z.strictObject({ name, configMap: metadata }),
  z.strictObject({ name, emptyDir: z.strictObject({}) }),
  z.strictObject({ name, persistentVolumeClaim: z.strictObject({ claimName: name }) }),
  z.strictObject({ name, secret: z.strictObject({ secretName: name, optional: z.boolean() }) }),
]);

export const deployment = z.strictObject({
  apiVersion: z.literal('apps/v1'),
  kind: z.literal('Deployment'),
  metadata,
  spec: z.strictObject({
    replicas: z.int().positive(),
    strategy: z
      .strictObject({ rollingUpdate: z.strictObject({ maxUnavailable: z.int(), maxSurge: z.int() }) })
      .optional(),
    selector,
    template: z.strictObject({
      metadata: z.strictObject({ labels, annotations: labels }),
      spec: z.strictObject({
        terminationGracePeriodSeconds: z.int(),
        automountServiceAccountToken: z.literal(false),
        securityContext: z.strictObject({
          runAsNonRoot: z.literal(true),
          runAsUser: z.int().positive(),
          fsGroup: z.int().positive(),
          seccompProfile: z.strictObject({ type: z.literal('RuntimeDefault') }),
        }),
        containers: z.tuple([container]),
        volumes: z.array(volume),
      }),
    }),
  }),
});

const service = z.strictObject({
  apiVersion: z.literal('v1'),
  kind: z.literal('Service'),
  metadata,
  spec: z.strictObject({
    selector: labels,
    ports: z.array(z.strictObject({ name, port: z.int(), targetPort: z.string() })),
  }),
});

const disruptionBudget = z.strictObject({
  apiVersion: z.literal('policy/v1'),
  kind: z.literal('PodDisruptionBudget'),
  metadata,
  spec: z.strictObject({ maxUnavailable: z.int().positive(), selector }),
});

const volumeClaim = z.strictObject({
  apiVersion: z.literal('v1'),
  kind: z.literal('PersistentVolumeClaim'),
  metadata,
  spec: z.strictObject({
    accessModes: z.array(z.enum(['ReadWriteOnce', 'ReadWriteMany'])),
    resources: z.strictObject({ requests: amounts.required({ storage: true }) }),
  }),
});

const scaledObject = z.strictObject({
  apiVersion: z.literal('keda.sh/v1alpha1'),
  kind: z.literal('ScaledObject'),
  metadata,
  spec: z.strictObject({
    scaleTargetRef: metadata,
    minReplicaCount: z.int().positive(),
    maxReplicaCount: z.int().positive(),
    cooldownPeriod: z.int(),
    triggers: z.array(
      z.strictObject({
        type: z.literal('prometheus'),
        metadata: z.strictObject({ serverAddress: z.url(), query: z.string(), threshold: z.string() }),
      }),
    ),
  }),
});

/** Any of our manifests. */
export const manifest = z.discriminatedUnion('kind', [
  deployment,
  service,
  disruptionBudget,
  volumeClaim,
  scaledObject,
]);
