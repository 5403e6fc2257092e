import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { minutes, seconds } from '../../src/base/time.ts';
import type { FlexMetalTransport } from '../../src/flexmetal/transport.ts';
import type { WorldConfigInput } from '../../src/simulator/config.ts';
import type { Json } from '../support/api-server/json.ts';
import { fieldsOf } from '../support/api-server/json.ts';
import { runs } from '../support/runs.ts';
import { FAULTS } from '../support/simulation/plan.ts';
import type { PlannedFault } from '../support/simulation/plan.ts';
import { run } from '../support/simulation/run.ts';
import { aServer } from '../support/simulation/scenarios.ts';
import { resolvable } from './orders/sent-fields.ts';
import { validOf } from './schema/arbitrary.ts';
import { SPEC } from './schema/crd.ts';

/** Why the vendor takes no order, and for how many of them. */
interface Refusal {
  readonly what: string;
  /** What is wrong with the first spec; what is missing is right. */
  readonly wrong?: object;
  readonly world?: WorldConfigInput;
  /** So many attempts to connect fail. */
  readonly unreachable?: number;
}

const saysNo = (status: number, errorCode: number, times: number): WorldConfigInput => ({
  faults: [
    {
      match: { operation: 'createFlexMetalServer' },
      times,
      do: { answer: { kind: 'error', status, body: 'api', errorCode, message: 'no' } },
    },
  ],
});

const PLACE = { location: 'EU: Rotterdam', instanceType: 'bm8.std.32' } as const;

/** The vendor's own reasons, and every answer that counts as a definite no. */
const refusals: fc.Arbitrary<Refusal> = fc.oneof(
  fc.constantFrom<Refusal>(
    { what: 'a place that does not exist', wrong: { location: 'EU: Atlantis' } },
    { what: 'a type that does not exist', wrong: { instanceType: 'bm0.none' } },
    {
      what: 'a type that is not offered there',
      wrong: { location: 'JP: Tokyo', instanceType: 'bm9.hmm.gpu.4rtx4000.64' },
    },
    { what: 'a system that does not exist', wrong: { os: { slug: 'plan-9' } } },
    { what: 'a system that is gone', wrong: { os: { slug: 'ubuntu-1804-lts' } } },
    { what: 'no key', wrong: { sshKeys: [] } },
    { what: 'a contract of somebody else', wrong: { contractId: 'NOT-OURS' } },
    { what: 'no machine left', wrong: PLACE, world: { stock: [{ ...PLACE, count: 0 }] } },
    { what: 'no quota', wrong: PLACE, world: { quotas: [{ ...PLACE, quota: 0 }] } },
  ),
  fc
    .tuple(
      fc.constantFrom(400, 401, 403, 404, 422),
      fc.constantFrom(10_001, 20_002, 50_000, 90_001, 90_002),
      fc.integer({ min: 1, max: 3 }),
    )
    .map(([status, code, times]) => ({
      what: `${status} with ${code}, ${times} times`,
      world: saysNo(status, code, times),
    })),
  fc.integer({ min: 1, max: 4 }).map((times) => ({ what: `no connection, ${times} times`, unreachable: times })),
);

const withinClass = FAULTS.filter((fault) => !fault.endsWith('PastWindow'));
const faults: fc.Arbitrary<readonly PlannedFault[]> = fc.oneof(
  { weight: 2, arbitrary: fc.constant([]) },
  {
    weight: 1,
    arbitrary: fc
      .record({ at: fc.integer({ min: 1, max: 12 }), do: fc.constantFrom(...withinClass) })
      .map((fault) => [fault]),
  },
);

/** What a random spec has that the simulated vendor's catalogue says nothing about. */
const harmless = (spec: Json): object => {
  const { name, tags, deletionProtection, overflow, os } = fieldsOf(spec);
  const { kernelParams, partitions } = fieldsOf(os);
  return {
    ...(name === undefined ? {} : { name }),
    ...(tags === undefined ? {} : { tags }),
    ...(deletionProtection === undefined ? {} : { deletionProtection }),
    ...(overflow === undefined ? {} : { overflow }),
    os: {
      slug: 'ubuntu-2404-lts',
      ...(kernelParams === undefined ? {} : { kernelParams }),
      ...(partitions === undefined ? {} : { partitions }),
    },
  };
};

const unreachableFor =
  (times: number) =>
  (inner: FlexMetalTransport): FlexMetalTransport => {
    let left = times;
    return {
      send: (request, options) => inner.send(request, options),
      connect: (options) => {
        left -= 1;
        return left >= 0 ? Promise.resolve({ kind: 'failed', cause: 'ECONNREFUSED' }) : inner.connect(options);
      },
    };
  };

test('a refused spec that is corrected gets exactly one server', { timeout: 3_600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      validOf(SPEC),
      refusals,
      faults,
      fc.constantFrom(1, 5, 30, 90, 400, 2_000),
      fc.nat(1_000_000),
      async (spec, { what, wrong = {}, world, unreachable = 0 }, planned, after, seed) => {
        const right = resolvable(fieldsOf(aServer('web-1', harmless(spec)))['spec'] ?? {}, 'input');
        const manifest = (changes: object) => aServer('web-1', { ...Object(right.spec), ...changes });
        const { simulation, violations } = await run(
          { scenario: what, seed, faults: [...planned] },
          {
            ...(world === undefined ? {} : { world }),
            script: async (sim) => {
              for (const input of right.inputs) sim.user.create(input);
              sim.user.apply(manifest(wrong));
              await sim.pass(seconds(after));
              // Where the spec was right all along, the edit means something else, and the next try comes by itself.
              sim.user.apply(manifest({ provisioningTimeout: '60m' }));
              await sim.until('web-1 is Ready', () => sim.isReady('web-1'), minutes(180));
            },
          },
          { sabotage: { vendor: unreachableFor(unreachable) } },
        );
        const ordered = simulation.world.orders().filter(({ uuid }) => uuid !== undefined);
        expect({ violations, ordered: ordered.length, live: simulation.liveServers().length }).toEqual({
          violations: [],
          ordered: 1,
          live: 1,
        });
      },
    ),
    runs(40),
  );
});
