import { RULE_NAMES } from '../../../src/core/server/decide.ts';
import type { Reason } from '../../../src/resources/names.ts';
import { REASONS } from '../../../src/resources/names.ts';
import { fieldsOf, isList, parseJson, textOf } from '../api-server/json.ts';
import type { JsonObject } from '../api-server/json.ts';
import { objectLives } from './objects-over-time.ts';
import type { Simulation } from './simulation.ts';
import { conditionOf } from './simulation.ts';

/** What runs have reached, as plain sorted lists, so that it can travel between processes. */
export interface Coverage {
  /** Rules of the chain that decided something. */
  readonly rules: readonly string[];
  /** `<rule> <effect or reason>`: what each of them decided. */
  readonly rulings: readonly string[];
  /** Reasons that stood in some condition or Event. */
  readonly reasons: readonly string[];
  /** Reasons that stood in a Stalled condition that was True. */
  readonly blocks: readonly string[];
  /** Those of them that an object got out of again, other than by its end. */
  readonly exits: readonly string[];
}

const NOTHING: Coverage = { rules: [], rulings: [], reasons: [], blocks: [], exits: [] };

/** Reads a run's coverage from what the operator says: its debug log, the conditions of its objects, its Events. */
export function coverageOf({ api, logLines }: Simulation): Coverage {
  const ruled = logLines
    .filter((line) => line.includes('"happening":"ruled"'))
    .map((line) => fieldsOf(parseJson(line)));
  const objects = objectLives(api).map(({ states }) => states.map(({ object }) => object));
  const events = api.history
    .filter(({ resource }) => resource.startsWith('events'))
    .map(({ object }) => textOf(object['reason']) ?? '');
  return {
    rules: sorted(ruled.map(({ rule }) => textOf(rule) ?? '')),
    rulings: sorted(ruled.map(({ rule, step }) => `${textOf(rule)} ${textOf(step)}`)),
    reasons: sorted([...objects.flat().flatMap(reasonsOf), ...events.filter((reason) => KNOWN.has(reason))]),
    blocks: sorted(objects.flat().flatMap(blockOf)),
    exits: sorted(objects.flatMap(exitsOf)),
  };
}

export const merge = (left: Coverage, right: Coverage): Coverage => ({
  rules: sorted([...left.rules, ...right.rules]),
  rulings: sorted([...left.rulings, ...right.rulings]),
  reasons: sorted([...left.reasons, ...right.reasons]),
  blocks: sorted([...left.blocks, ...right.blocks]),
  exits: sorted([...left.exits, ...right.exits]),
});

export const mergeAll = (all: readonly Coverage[]): Coverage => all.reduce(merge, NOTHING);

/** What no run can reach, and why not. */
export const UNREACHABLE: Partial<Record<Reason, string>> = {
  InvalidSpec: 'the API server refuses such a spec; it stands only in objects that were stored under another CRD',
  Progressing: 'a pass that asks eight questions: only a bug asks so many',
};

/** Reasons that wait for a person or a new spec, so that objects stand in them with Stalled True. */
const BLOCKS: readonly Reason[] = [
  'OrderUnclear',
  'ProvisioningFailed',
  'Lost',
  'ReleaseStuck',
  'CredentialsInvalid',
  'OrderRefused',
  'InputsMissing',
  'DuplicateServers',
  'PreviousServerExists',
  'SuspectServer',
  'OwnershipUnproven',
  'AccountChanged',
  'Forgotten',
  'Slow',
];

/** A deleted object is what stands in it, so the only way out of it is the object's end. */
const LEFT_BY_THE_END: readonly Reason[] = ['ReleaseStuck'];

/** What the runs should have reached and did not: each rule, each reason, each block, and the way out of each block. */
export function unreached(coverage: Coverage): readonly string[] {
  const reasons = REASONS.filter((reason) => UNREACHABLE[reason] === undefined);
  const exits = BLOCKS.filter((reason) => !LEFT_BY_THE_END.includes(reason));
  return [
    ...without(RULE_NAMES, coverage.rules).map((rule) => `rule ${rule}`),
    ...without(reasons, coverage.reasons).map((reason) => `reason ${reason}`),
    ...without(BLOCKS, coverage.blocks).map((reason) => `block ${reason}`),
    ...without(exits, coverage.exits).map((reason) => `way out of ${reason}`),
  ];
}

/** What was reached although it is said to be out of reach. */
export const reachedAllTheSame = ({ reasons }: Coverage): readonly string[] =>
  reasons.filter((reason) => Object.keys(UNREACHABLE).includes(reason));

const KNOWN: ReadonlySet<string> = new Set(REASONS);

const without = (wanted: readonly string[], reached: readonly string[]): readonly string[] =>
  wanted.filter((name) => !reached.includes(name));

const sorted = (names: readonly string[]): readonly string[] => [...new Set(names)].toSorted();

function reasonsOf(object: JsonObject): readonly string[] {
  const conditions = fieldsOf(object['status'])['conditions'];
  return isList(conditions) ? conditions.map((condition) => textOf(fieldsOf(condition)['reason']) ?? '') : [];
}

function blockOf(object: JsonObject): readonly string[] {
  const { status, reason } = conditionOf(object, 'Stalled');
  return status === 'True' ? [textOf(reason) ?? ''] : [];
}

function exitsOf(states: readonly JsonObject[]): readonly string[] {
  return states.flatMap((object, index) => {
    const next = states[index + 1];
    const hasStatus = next !== undefined && textOf(conditionOf(next, 'Stalled')['status']) !== undefined;
    return hasStatus ? without(blockOf(object), blockOf(next)) : [];
  });
}
