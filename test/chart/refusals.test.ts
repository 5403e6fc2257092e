import path from 'node:path';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { loadConfig } from '../../src/config.ts';
import { HELM_3, HELM_4 } from './support/helms.ts';
import { render } from './support/render.ts';

const CHART = path.join(import.meta.dirname, '../../helm/flexmetal-operator');
const TOKEN = { api: { token: { existingSecret: { name: 'token' } } } };
const PROXY = { url: 'http://proxy.example:3128' };

describe.each([HELM_4, HELM_3].filter(({ isMissing }) => !isMissing))(
  'values that cannot work together, with $name',
  { timeout: 60_000 },
  ({ program: helm }) => {
    const chart = (values: object): ReturnType<typeof render> => render({ helm, chart: CHART, values });

    test.each([
      [
        'no token',
        {},
        /There is no API token\. Make a Secret and name it:\n +kubectl -n flexmetal-system create secret/,
      ],
      [
        'two tokens',
        { api: { token: { existingSecret: { name: 'a' }, value: 'b' } } },
        /are both set: which one is meant/,
      ],
      [
        'a token in the environment',
        { ...TOKEN, extraEnv: [{ name: 'FLEXMETAL_API_TOKEN', value: 'x' }] },
        /extraEnv\.FLEXMETAL_API_TOKEN: a token does not belong/,
      ],
      ['the simulator and a token', { simulator: { enabled: true }, ...TOKEN }, /a real one does not belong there/],
      [
        'the simulator and a token by value',
        { simulator: { enabled: true }, api: { token: { value: 'x' } } },
        /a real one does not belong there/,
      ],
      [
        'the simulator and a URL',
        { simulator: { enabled: true }, api: { url: 'https://api.example' } },
        /simulator\.enabled and api\.url are both set/,
      ],
      [
        'the simulator and a proxy',
        { simulator: { enabled: true }, api: { proxy: PROXY } },
        /simulator\.enabled and api\.proxy are both set/,
      ],
      [
        'two proxies',
        { api: { ...TOKEN.api, proxy: { ...PROXY, existingSecret: { name: 'proxy' } } } },
        /api\.proxy\.url and api\.proxy\.existingSecret\.name are both set/,
      ],
      [
        'a password in a value',
        { api: { ...TOKEN.api, proxy: { url: 'http://me:secret@proxy.example' } } },
        /holds a user or a password/,
      ],
      [
        'a proxy of unknown port',
        { networkPolicy: { enabled: true }, api: { ...TOKEN.api, proxy: { existingSecret: { name: 'proxy' } } } },
        /Set networkPolicy\.apiPort/,
      ],
      [
        'namespaces without their scope',
        { ...TOKEN, watch: { namespaces: ['games'] } },
        /Set watch\.scope to namespaces/,
      ],
      ['the scope without a cluster id', { ...TOKEN, watch: { scope: 'namespaces' } }, /needs config\.clusterId/],
      [
        'references to what is not watched',
        { ...TOKEN, watch: { scope: 'namespaces', namespaces: ['a'], references: { namespaces: ['b'] } } },
        /names b, which is not watched/,
      ],
      [
        'a ClusterRole in that scope',
        { ...TOKEN, watch: { scope: 'namespaces' }, rbac: { aggregateToEdit: true } },
        /it takes a ClusterRole/,
      ],
      [
        'rights for every pod',
        { ...TOKEN, serviceAccount: { create: false } },
        /every pod of the namespace would get the operator's rights/,
      ],
      [
        'a flag past its value',
        { ...TOKEN, extraArgs: ['--namespaces=games'] },
        /extraArgs: --namespaces is set by watch/,
      ],
      [
        'a flag in two words',
        { ...TOKEN, extraArgs: ['--lease-name', 'x'] },
        /extraArgs: --lease-name is set by fullnameOverride/,
      ],
      [
        'a toggle turned',
        { ...TOKEN, extraArgs: ['--no-leader-election'] },
        /extraArgs: --leader-election is set by config\.leaderElection/,
      ],
      [
        'a variable past its value',
        { ...TOKEN, extraEnv: [{ name: 'FLEXMETAL_API_URL', value: 'https://x' }] },
        /extraEnv: FLEXMETAL_API_URL is set by api\.url/,
      ],
      ['two that both lead', { ...TOKEN, replicas: 2, config: { leaderElection: false } }, /both would order/],
      [
        'an end before the order ends',
        { ...TOKEN, config: { shutdownGrace: '230s' } },
        /terminationGracePeriodSeconds: 230 is not longer/,
      ],
      [
        'a grace in hours',
        { ...TOKEN, terminationGracePeriodSeconds: 5399, config: { shutdownGrace: '1h30m' } },
        /5399 is not longer/,
      ],
      [
        'a grace in milliseconds',
        { ...TOKEN, terminationGracePeriodSeconds: 90, config: { shutdownGrace: '1m29s500ms' } },
        /90 is not longer/,
      ],
      ['a proxy by its setting', { ...TOKEN, config: { proxyUrl: 'http://proxy:3128' } }, /set by api\.proxy/],
      ['traces by their setting', { ...TOKEN, config: { tracingEndpoint: 'http://collector:4318' } }, /set by tracing/],
      ['traces to nowhere', { ...TOKEN, tracing: { enabled: true } }, /where shall the traces go/],
      ['a label that selects', { ...TOKEN, commonLabels: { 'app.kubernetes.io/name': 'x' } }, /is the chart's own/],
      [
        'a label that selects, of pods',
        { ...TOKEN, podLabels: { 'app.kubernetes.io/component': 'x' } },
        /podLabels: app\.kubernetes\.io\/component/,
      ],
    ])('%s', async (_name, values, complaint) => {
      await expect(chart(values)).rejects.toThrow(complaint);
    });

    test('are all named at once', async () => {
      await expect(chart({ replicas: 2, config: { leaderElection: false } })).rejects.toThrow(
        /no API token[^]*both would order/,
      );
    });

    test('are refused by Helm in the words of the schema when a name is wrong', async () => {
      await expect(chart({ ...TOKEN, replica: 2 })).rejects.toThrow(/'\/replica'.*did you mean replicas\?/);
    });

    test.each([
      { terminationGracePeriodSeconds: 5401, config: { shutdownGrace: '1h30m' } },
      { terminationGracePeriodSeconds: 91, config: { shutdownGrace: '1m29s500ms' } },
      { extraArgs: ['--log-level=debug'], extraEnv: [{ name: 'TOKEN_OF_SOMETHING', value: 'x' }] },
      { watch: { scope: 'namespaces' }, config: { clusterId: '0123456789ab' } },
    ])('are not those: %j', async (values) => {
      await expect(chart({ ...TOKEN, ...values })).resolves.not.toEqual([]);
    });
  },
);

describe.skipIf(HELM_4.isMissing)('the configuration file that the chart writes', { timeout: 60_000 }, () => {
  const chart = (values: object): ReturnType<typeof render> => render({ helm: HELM_4.program, chart: CHART, values });
  const ConfigMap = z.object({ kind: z.literal('ConfigMap'), data: z.object({ 'config.yaml': z.string() }) });

  async function configOf(values: object) {
    const file = (await chart(values))
      .map((object) => ConfigMap.safeParse(object).data)
      .find((map) => map !== undefined);
    const text = file?.data['config.yaml'] ?? '';
    return { text, loaded: loadConfig({ argv: ['run', '--config', 'config.yaml'], env: {}, readFile: () => text }) };
  }

  test.each([
    [
      'of the defaults',
      TOKEN,
      {
        apiUrl: 'https://api.i3d.net',
        leaseName: 'flexmetal-operator',
        leaseNamespace: 'flexmetal-system',
        namespaces: [],
      },
    ],
    ['beside the simulator', { simulator: { enabled: true } }, { apiUrl: 'http://127.0.0.1:8099' }],
    [
      'with an id that YAML would read as a number',
      { ...TOKEN, config: { clusterId: '1234567890e1' } },
      { clusterId: '1234567890e1' },
    ],
    [
      'with big numbers, small ones and booleans',
      { ...TOKEN, config: { serversMax: 1_000_000, requestsPerSecond: 0.5, leaderElection: false } },
      { serversMax: 1_000_000, requestsPerSecond: 0.5, leaderElection: false },
    ],
    [
      'with namespaces',
      { ...TOKEN, watch: { scope: 'namespaces', namespaces: ['b', 'a', 'b'] }, config: { clusterId: '0123456789ab' } },
      { namespaces: ['a', 'b'] },
    ],
  ])('is one that the operator takes: %s', async (_name, values, expected) => {
    expect((await configOf(values)).loaded).toMatchObject({ kind: 'ok', config: expected });
  });

  test('holds each key once', async () => {
    const { text } = await configOf({ ...TOKEN, config: { mode: 'observe' } });
    expect(load(text)).toEqual({
      apiUrl: 'https://api.i3d.net',
      leaseName: 'flexmetal-operator',
      leaseNamespace: 'flexmetal-system',
      mode: 'observe',
    });
  });
});
