import type { Effect, Rest } from '../core/model/decision.ts';
import type { ServerSnapshot } from '../core/model/snapshot.ts';
import { splitKey } from '../base/ids.ts';
import type { Attributes, SpanStart } from '../observability/tracing/tracer.ts';
import type { Look, PassEnd } from './reconcile.ts';

/** The span of one pass over an object. */
export function passSpan({ key, priority }: Look): SpanStart {
  const { namespace, name } = splitKey(key);
  return {
    name: 'reconcile',
    kind: 'internal',
    isRoot: true,
    attributes: { 'k8s.namespace.name': namespace, 'flexmetal.object': name, 'flexmetal.look': priority },
  };
}

/** What a pass came to; undefined when there was nothing to look at. */
export function passAttributes(end: PassEnd<ServerSnapshot, Effect, Rest> | undefined): Attributes {
  if (end === undefined) return { 'flexmetal.outcome': 'nothing' };
  const { object, ledger } = end.kind === 'acted' ? end.after : end.snapshot;
  return {
    'flexmetal.object.uid': object.uid,
    'flexmetal.attempt': ledger.kind === 'entry' ? ledger.entry.attempt : undefined,
    'flexmetal.outcome': end.kind,
    ...(end.kind === 'rested' ? { 'flexmetal.reason': end.rest.reason } : {}),
    ...(end.kind === 'acted' ? { 'flexmetal.effect': end.effect.kind } : {}),
  };
}
