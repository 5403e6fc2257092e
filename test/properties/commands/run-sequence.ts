import { millis, seconds } from '../../../src/base/time.ts';
import { readMarks } from '../../../src/resources/names.ts';
import { fieldsOf, isList, textOf } from '../../support/api-server/json.ts';
import type { RunResult } from '../../support/simulation/run.ts';
import { run } from '../../support/simulation/run.ts';
import type { Simulation } from '../../support/simulation/simulation.ts';
import type { Wishes } from './acts.ts';
import { Everybody, uidOf } from './acts.ts';
import { sortOut } from './person.ts';
import type { Sequence } from './steps.ts';

/**
 * Runs a whole sequence on the real operator in virtual time: the deeds and the plan's faults, then none of either, then a
 * person who answers, then rest.
 * @returns every promise that was broken and that nobody had asked to be broken
 */
export async function runSequence(sequence: Sequence): Promise<RunResult> {
  const { seed, faults, steps, person } = sequence;
  let wishes: Wishes | undefined;
  const result = await run(
    { scenario: 'deeds of users', seed, faults },
    {
      script: async (sim) => {
        const everybody = new Everybody(sim);
        wishes = everybody.wishes;
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
        // People who pause, protect and let blocks stand keep servers that long; that they go in the end is checked all the same.
        sim.outage = millis(sim.outage + (sim.clock.now() - begun));
      },
    },
  );
  const excused = (violation: string): boolean => wishes !== undefined && isExcused(violation, wishes);
  const violations = [...result.violations, ...untruths(result.simulation)].filter((violation) => !excused(violation));
  return { ...result, violations };
}

/** A server that a person told the operator to leave alone or to release may live, or go, without its object. */
function isExcused(violation: string, { leftAlone, released }: Wishes): boolean {
  const subjects = violation.startsWith('S3') ? released : leftAlone;
  const isExcusable = ['S1', 'S3', 'S4', 'S5', 'L3'].some((rule) => violation.startsWith(rule));
  return isExcusable && [...subjects].some((subject) => violation.includes(subject));
}

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
