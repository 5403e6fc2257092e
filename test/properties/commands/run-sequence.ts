import { millis, seconds } from '../../../src/base/time.ts';
import { readMarks } from '../../../src/resources/names.ts';
import { fieldsOf, isList, textOf } from '../../support/api-server/json.ts';
import type { Sabotage } from '../../support/simulation/operator-process.ts';
import type { RunResult } from '../../support/simulation/run.ts';
import { run } from '../../support/simulation/run.ts';
import type { Simulation } from '../../support/simulation/simulation.ts';
import { Everybody, uidOf } from './acts.ts';
import { sortOut } from './person.ts';
import { fateOf } from './fates.ts';
import type { Sequence } from './steps.ts';

/**
 * Runs a whole sequence on the real operator in virtual time: the deeds and the plan's faults, then none of either, then a
 * person who answers, then rest.
 * @param sabotage breaks the operator, to see that this is noticed
 * @returns every promise that was broken
 */
export async function runSequence(sequence: Sequence, sabotage: Sabotage = {}): Promise<RunResult> {
  const { seed, faults, steps, person, orders, isBraked } = sequence;
  let mislabelled: Everybody['mislabelled'] = [];
  const result = await run(
    { scenario: 'deeds of users', seed, faults },
    {
      world: { faults: orders.map(fateOf) },
      settings: isBraked ? { ordersPerHourMax: 2 } : {},
      script: async (sim) => {
        const everybody = new Everybody(sim);
        mislabelled = everybody.mislabelled;
        const begun = sim.clock.now();
        for (const { after, step } of steps) {
          await sim.pass(seconds(after));
          everybody.do(step);
        }
        sim.endFaults();
        everybody.mend();
        const unsorted = await sortOut(sim, everybody, person);
        if (unsorted !== undefined) sim.mishaps.push(unsorted);
        everybody.end();
        // People who let blocks stand keep servers that long; that they go in the end is checked all the same.
        sim.outage = millis(sim.outage + (sim.clock.now() - begun));
      },
    },
    { sabotage },
  );
  // A server that carried an object's uid by somebody's mistake is not the object's.
  const isMistaken = (violation: string): boolean =>
    mislabelled.some(([uid, server]) => violation.includes(uid) && violation.includes(server));
  const violations = [...result.violations, ...untruths(result.simulation)].filter(
    (violation) => !isMistaken(violation) && !isTakenOver(result.simulation, violation),
  );
  return { ...result, violations };
}

/** S1 speaks of what was ordered: a server that a person had an object take over lived before it was the object's. */
const isTakenOver = (sim: Simulation, violation: string): boolean =>
  violation.startsWith('S1') &&
  sim.world
    .orders()
    .filter(({ uuid }) => uuid !== undefined && violation.includes(uuid))
    .some(({ tags }) => !readMarks(tags).uids.some((uid) => violation.includes(uid)));

/** What Ready promises: the server of the status lives, it is delivered, and it carries this object's uid and the wanted tags. */
function untruths(sim: Simulation): readonly string[] {
  return sim.objects().flatMap((object) => {
    const name = textOf(fieldsOf(object['metadata'])['name']) ?? '';
    if (!sim.isReady(name)) return [];
    const uuid = textOf(fieldsOf(object['status'])['serverUuid']);
    const server = sim.liveServers().find((life) => life.uuid === uuid);
    if (server === undefined) return [`L1 ${name} is Ready without its server ${uuid}`];
    const tags = fieldsOf(object['spec'])['tags'];
    const missing = (isList(tags) ? tags : [])
      .filter((tag) => typeof tag === 'string')
      .filter((tag) => !server.tags.includes(tag));
    const owners = readMarks(server.tags).uids;
    const problems = [
      ...(owners.length === 1 && owners[0] === uidOf(object) ? [] : [`its server has the owners ${owners.join(', ')}`]),
      ...(missing.length === 0 ? [] : [`its server lacks the tags ${missing.join(', ')}`]),
      ...(server.deliveredAt === undefined ? ['its server is not delivered'] : []),
    ];
    return problems.map((problem) => `L1 ${name} is Ready, but ${problem}`);
  });
}
