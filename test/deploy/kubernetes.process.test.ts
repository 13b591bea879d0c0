/** deploy/kubernetes: the manifests are well formed, consistent, and use existing settings, probes and metrics. */

import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { settings } from '../../src/config/environment.ts';
import { makeMetrics } from '../../src/services/monitoring/metrics/metrics.ts';
import { manifest } from './manifest-shapes.ts';
import { probes } from './image.ts';

const FOLDER = 'deploy/kubernetes';
const graceMs = Number(settings.SHUTDOWN_GRACE_MS.defaultText);
const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0;

const kustomization = parse(read('kustomization.yaml')) as {
  resources: string[];
  images: { name: string }[];
  configMapGenerator: { name: string }[];
  secretGenerator: { name: string }[];
};
const manifests = [...kustomization.resources, 'keda.yaml'].flatMap((file) =>
  parseAllDocuments(read(file)).map((document) => z.parse(manifest, document.toJS())),
);
const deployments = manifests.filter((each) => each.kind === 'Deployment');
const generated = [...kustomization.configMapGenerator, ...kustomization.secretGenerator].map(
  ({ name }) => name,
);

function read(file: string): string {
  return readFileSync(join(FOLDER, file), 'utf8');
}

/** Returns the only container of a Deployment. */
function containerOf({ spec }: (typeof deployments)[number]) {
  return spec.template.spec.containers[0];
}

/** Returns the port that it listens on: for web the image's, for the others METRICS_PORT. */
function portOf(deployment: (typeof deployments)[number]): string | undefined {
  const { args, env = [] } = containerOf(deployment);
  if (args.includes('web')) return /\bPORT=(\d+)/.exec(readFileSync('Dockerfile', 'utf8'))?.[1];
  return env.find(({ name }) => name === 'METRICS_PORT')?.value;
}

describe('the manifests', () => {
  it('have no namespace and start each role once', () => {
    expect(JSON.stringify(manifests)).not.toContain('namespace');
    expect(deployments.map((each) => containerOf(each).args)).toEqual([
      ['up', '--role', 'web'],
      ['up', '--role', 'worker'],
      ['up', '--role', 'feeder'],
    ]);
  });

  it.each(deployments)('$metadata.name selects its own pods and mounts existing volumes', (each) => {
    const { selector, template } = each.spec;
    expect(template.metadata.labels).toEqual(selector.matchLabels);
    const { image, envFrom, volumeMounts } = containerOf(each);
    expect(kustomization.images.map(({ name }) => name)).toContain(image);
    expect(volumeMounts.map(({ name }) => name)).toEqual(template.spec.volumes.map(({ name }) => name));
    const maps = template.spec.volumes.flatMap((volume) =>
      'configMap' in volume ? [volume.configMap.name] : [],
    );
    const sources = envFrom.map((from) =>
      'secretRef' in from ? from.secretRef.name : from.configMapRef.name,
    );
    for (const name of [...maps, ...sources]) expect(generated).toContain(name);
    const claims = template.spec.volumes.flatMap((volume) =>
      'persistentVolumeClaim' in volume ? [volume.persistentVolumeClaim.claimName] : [],
    );
    const claimed = manifests.filter(({ kind }) => kind === 'PersistentVolumeClaim');
    for (const claim of claims) expect(claimed.map(({ metadata }) => metadata.name)).toContain(claim);
  });

  it.each(deployments)('$metadata.name has a longer grace period than its shutdown takes', (each) => {
    const pause = Number(containerOf(each).lifecycle?.preStop.exec.command[1] ?? 0) * 1000;
    const given = each.spec.template.spec.terminationGracePeriodSeconds * 1000;
    expect(given).toBeGreaterThanOrEqual(pause + graceMs + 10_000);
  });

  it('select existing pods', () => {
    const pods = deployments.map(({ spec }) => spec.selector.matchLabels);
    const selected = manifests.flatMap((each) => {
      if (each.kind === 'Service') return [each.spec.selector];
      return each.kind === 'PodDisruptionBudget' ? [each.spec.selector.matchLabels] : [];
    });
    for (const labels of selected) expect(pods).toContainEqual(labels);
    const scaled = manifests.flatMap((each) =>
      each.kind === 'ScaledObject' ? [each.spec.scaleTargetRef.name] : [],
    );
    expect(deployments.map(({ metadata }) => metadata.name)).toEqual(expect.arrayContaining(scaled));
    expect([selected.length, scaled.length]).toEqual([3, 1]);
    expect(new Set(manifests.map(({ kind }) => kind)).size).toBe(5);
  });

  it.each(deployments)('$metadata.name is probed on existing paths and its own port', (each) => {
    const { ports, startupProbe, livenessProbe, readinessProbe } = containerOf(each);
    for (const { httpGet } of [startupProbe, livenessProbe, readinessProbe]) {
      expect(probes).toContain(httpGet.path);
      expect(ports.map(({ name }) => name)).toContain(httpGet.port);
    }
    const { annotations } = each.spec.template.metadata;
    expect(probes).toContain(annotations['prometheus.io/path']);
    const port = portOf(each);
    expect(ports.map(({ containerPort }) => String(containerPort))).toEqual([port]);
    expect(annotations['prometheus.io/port']).toBe(port);
  });

  it('scale by an existing metric', async () => {
    const names = (await makeMetrics().registry.getMetricsAsJSON()).map(({ name }) => name);
    const queries = manifests.flatMap((each) =>
      each.kind === 'ScaledObject' ? each.spec.triggers.map(({ metadata }) => metadata.query) : [],
    );
    expect(queries).toHaveLength(1);
    for (const query of queries) expect(names).toContain(/passbridge_\w+/.exec(query)?.[0]);
  });

  it('set existing settings, with secrets only in the Secret', () => {
    const inPods = deployments.flatMap((each) => containerOf(each).env ?? []).map(({ name }) => name);
    const plain = [...Object.keys(parseEnv(read('settings.env'))), ...inPods];
    const hidden = Object.keys(parseEnv(read('secrets.example.env')));
    const isSecret = new Map(Object.entries(settings).map(([name, setting]) => [name, setting.isSecret]));
    expect(plain.map((name) => [name, isSecret.get(name)])).toEqual(plain.map((name) => [name, false]));
    expect(hidden.map((name) => [name, isSecret.get(name)])).toEqual(hidden.map((name) => [name, true]));
  });

  it.skipIf(!hasKubectl)('are built by kustomize, with and without KEDA', () => {
    const folder = mkdtempSync(join(tmpdir(), 'passbridge-kustomize-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    cpSync(FOLDER, folder, { recursive: true });
    cpSync('examples/programs.yaml', join(folder, 'programs.yaml'));
    cpSync(join(FOLDER, 'secrets.example.env'), join(folder, 'secrets.env'));
    const build = () => execFileSync('kubectl', ['kustomize', folder], { encoding: 'utf8' });
    expect(build()).not.toContain('image: passbridge\n');
    execFileSync('sed', ['-i', 's/# - keda/- keda/', join(folder, 'kustomization.yaml')]);
    expect(build()).toContain('kind: ScaledObject');
  });
});
