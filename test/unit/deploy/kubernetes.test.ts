import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { Secret } from 'kubernetes-models/v1/Secret';
import { Service } from 'kubernetes-models/v1/Service';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { readSettings } from '../../../src/lib/settings/read-settings.ts';
import { SETTINGS } from '../../../src/lib/settings/settings.ts';
import { createKeys } from '../../../src/lib/store/keys.ts';

const folder = fileURLToPath(new URL('../../../deploy/kubernetes', import.meta.url));

/** One object of a manifest, with the fields that are used here; the schemas check the whole object. */
interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  data?: Record<string, string>;
  stringData?: Record<string, string>;
  // biome-ignore lint/suspicious/noExplicitAny: the schemas know the rest
  spec: any;
}

/** Read by `kubectl apply -k`; not an object of the cluster. */
const KUSTOMIZATION = 'kustomization.yaml';

const files = readdirSync(folder).filter(
  (file) => file.endsWith('.yaml') && file !== KUSTOMIZATION,
);

const objects = files
  .flatMap((file) => parseAllDocuments(readFileSync(join(folder, file), 'utf8')))
  .map((document) => document.toJS({ maxAliasCount: 0 }) as KubernetesObject);

/** KEDA's, by hand: only what is used here, as no package with its schemas runs on Node 20. */
const scaledObject = z.strictObject({
  apiVersion: z.literal('keda.sh/v1alpha1'),
  kind: z.literal('ScaledObject'),
  metadata: z.strictObject({ name: z.string() }),
  spec: z.strictObject({
    scaleTargetRef: z.strictObject({ name: z.string() }),
    minReplicaCount: z.int(),
    maxReplicaCount: z.int(),
    cooldownPeriod: z.int(),
    triggers: z.array(
      z.strictObject({
        type: z.literal('redis'),
        // Values are texts, numbers too.
        metadata: z.strictObject({
          address: z.string(),
          listName: z.string(),
          listLength: z.string(),
        }),
      }),
    ),
  }),
});

/** Validates against the schema of its kind; throws with every violation. */
function validate(object: KubernetesObject): void {
  const models: Record<string, new (data: never) => { validate(): void }> = {
    'apps/v1 Deployment': Deployment,
    'v1 ConfigMap': ConfigMap,
    'v1 Secret': Secret,
    'v1 Service': Service,
    'policy/v1 PodDisruptionBudget': PodDisruptionBudget,
    'networking.k8s.io/v1 NetworkPolicy': NetworkPolicy,
  };
  if (object.kind === 'ScaledObject') {
    scaledObject.parse(object);
    return;
  }
  const Model = models[`${object.apiVersion} ${object.kind}`];
  if (Model === undefined) throw new Error(`no schema for ${object.apiVersion} ${object.kind}`);
  new Model(object as never).validate();
}

function find(kind: string, name: string): KubernetesObject {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
  if (found === undefined) throw new Error(`there is no ${kind} ${name}`);
  return found;
}

describe('deploy/kubernetes', () => {
  test.each(objects.map((object) => [object.kind, object.metadata.name, object] as const))(
    'the %s %s fits its schema',
    (_kind, _name, object) => {
      expect(() => validate(object)).not.toThrow();
    },
  );

  test('the kustomization applies every file except the examples', () => {
    const { resources } = parse(readFileSync(join(folder, KUSTOMIZATION), 'utf8')) as {
      resources: string[];
    };
    expect(resources.toSorted()).toEqual(files.filter((file) => !file.includes('example')));
  });

  test.each([
    ['PodDisruptionBudget', 'worker', 'selector'],
    ['NetworkPolicy', 'worker', 'podSelector'],
    ['NetworkPolicy', 'dashboard', 'podSelector'],
  ])('the %s of the %s selects its pods, by a port that they have', (kind, component, selector) => {
    const object = find(kind, `kling-sessions-${component}`);
    const { template } = find('Deployment', `kling-sessions-${component}`).spec;
    expect(template.metadata.labels).toMatchObject(object.spec[selector].matchLabels);
    const open = (object.spec.ingress ?? []).flatMap(({ ports }: { ports: { port: string }[] }) =>
      ports.map(({ port }) => port),
    );
    const named = template.spec.containers[0].ports.map(({ name }: { name: string }) => name);
    expect(named).toEqual(expect.arrayContaining(open));
  });

  test('a defect is noticed', () => {
    const broken = structuredClone(find('Deployment', 'kling-sessions-worker'));
    broken.spec.replicas = 'two';
    expect(() => validate(broken)).toThrow('replicas');
  });

  test('the settings of deploy/kubernetes exist, and their values are valid', () => {
    const given = {
      ...find('ConfigMap', 'kling-sessions').data,
      ...find('Secret', 'kling-sessions').stringData,
    };
    expect(Object.keys(given).filter((name) => !(name in SETTINGS))).toEqual([]);
    expect(readSettings(given)).toMatchObject({ ok: true });
  });

  /** What pods need to work together, and an `env` of a container wins over the ConfigMap and the Secret. */
  const FIXED = ['WORKER_HTTP_HOST', 'WORKER_HTTP_PORT', 'DASHBOARD_HOST'];

  test.each(['worker', 'dashboard'])(
    'every other setting of the %s in deploy/kubernetes can be changed, and left out, in the ConfigMap or the Secret',
    (component) => {
      const { containers } = find('Deployment', `kling-sessions-${component}`).spec.template.spec;
      const [{ env, envFrom }] = containers;
      const fixed = env
        .filter(({ valueFrom }: { valueFrom?: object }) => valueFrom === undefined)
        .map(({ name }: { name: string }) => name);
      expect(FIXED).toEqual(expect.arrayContaining(fixed));
      const needed = env
        .filter((one: { valueFrom?: { secretKeyRef: { optional?: boolean } } }) =>
          one.valueFrom ? one.valueFrom.secretKeyRef.optional !== true : false,
        )
        .map(({ name }: { name: string }) => name);
      expect(needed).toEqual(component === 'worker' ? [] : ['REDIS_URL']);
      expect(envFrom).toContainEqual({ configMapRef: { name: 'kling-sessions' } });
    },
  );

  test('the workers of deploy/kubernetes have longer to stop than SHUTDOWN_GRACE', () => {
    const read = readSettings(find('ConfigMap', 'kling-sessions').data ?? {});
    const { terminationGracePeriodSeconds } = find('Deployment', 'kling-sessions-worker').spec
      .template.spec;
    expect(
      read.ok && terminationGracePeriodSeconds * 1_000 - read.settings.SHUTDOWN_GRACE,
    ).toBeGreaterThanOrEqual(10_000);
  });

  test('the scaler of deploy/kubernetes reads the lists in which rows wait', () => {
    const { triggers } = find('ScaledObject', 'kling-sessions-worker').spec;
    const lists = triggers.map(
      ({ metadata }: { metadata: { listName: string } }) => metadata.listName,
    );
    const prefix = createKeys().bullmq;
    expect(lists).toEqual([`${prefix}:probe:wait`, `${prefix}:init-selection:wait`]);
  });
});
