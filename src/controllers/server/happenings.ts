import { elapsed, since } from '../../base/time.ts';
import type { Millis } from '../../base/time.ts';
import type { Rest } from '../../core/model/decision.ts';
import type { Entry } from '../../core/model/ledger.ts';
import type { Result } from '../../core/server/absorb.ts';
import type { ServerSnapshot } from '../../core/model/snapshot.ts';
import { readAnswer } from '../../core/server/answers.ts';
import type { Ruling } from '../../core/server/decide.ts';
import { carryingOurUid, entryOf, isPaused, liveServers, ownServer, recordOf } from '../../core/server/facts.ts';
import { previousServers } from '../../core/server/rules/look-first.ts';
import { suspectsOf } from '../../core/server/rules/settle.ts';
import { uuidsOf } from '../../core/server/wording.ts';
import type { Brake, Happening } from '../../observability/happening.ts';
import type { StandingHappening } from '../../observability/tell.ts';
import { ANNOTATION } from '../../resources/names.ts';
import { isDelivered } from '../../core/model/server-record.ts';
import { refOf } from './object.ts';

/** Which rule said what. Questions are left out: what they lead to is told. */
export function tellRuling(s: ServerSnapshot, { rule, decision }: Ruling): readonly Happening[] {
  const object = refOf(s.object);
  switch (decision.kind) {
    case 'ask':
      return [];
    case 'act':
      return [{ kind: 'ruled', object, rule, step: decision.effect.kind, because: decision.why }];
    case 'rest':
      return [{ kind: 'ruled', object, rule, step: decision.reason, because: decision.message }];
  }
}

/** What an effect's result is worth telling. */
export function tellResult(before: ServerSnapshot, result: Result): readonly Happening[] {
  const object = refOf(before.object);
  switch (result.kind) {
    case 'writeLedger':
      return result.outcome.kind === 'written' ? tellLedger(before, result.effect.entry) : [];
    case 'createServer': {
      const { attempt } = result.effect.entry;
      const { outcome } = result;
      const sent = { kind: 'orderSent', object, attempt } as const;
      const tookMs: Millis = elapsed(before.monotonic, result.at);
      if (outcome.kind === 'created')
        return [sent, { kind: 'orderCreated', object, attempt, server: outcome.server.uuid, tookMs }];
      if (outcome.kind === 'refused')
        return [sent, { kind: 'orderRefused', object, attempt, refusal: outcome.refusal }];
      if (outcome.kind === 'notSent') return [];
      return [
        sent,
        { kind: 'orderUnclear', object, attempt, cause: outcome.cause, settleWindowMs: before.settings.settleWindow },
      ];
    }
    case 'releaseServer': {
      const { server } = result.effect;
      const { outcome } = result;
      if (outcome.kind === 'accepted') return [{ kind: 'releaseSent', object, server }];
      if (outcome.kind === 'refused') return [{ kind: 'releaseRefused', object, server, refusal: outcome.refusal }];
      if (outcome.kind === 'unclear') return [{ kind: 'releaseUnclear', object, server, cause: outcome.cause }];
      return [];
    }
    case 'changeTag': {
      const { server, tag, kind } = result.effect;
      if (result.outcome.kind === 'applied')
        return [{ kind: kind === 'addTag' ? 'tagAdded' : 'tagRemoved', object, server, tag }];
      if (result.outcome.kind !== 'refused') return [];
      return [
        {
          kind: 'tagRefused',
          object,
          server,
          tag,
          action: kind === 'addTag' ? 'add' : 'remove',
          refusal: result.outcome.refusal,
        },
      ];
    }
    case 'dropFinalizer': {
      if (result.outcome.kind !== 'written' && result.outcome.kind !== 'gone') return [];
      const { because } = result.effect;
      switch (because.kind) {
        case 'released':
          return because.servers.map((server) => ({ kind: 'serverReleased', object, server }));
        case 'retained':
          return [{ kind: 'retained', object, servers: because.servers }];
        case 'forgotten':
          return [{ kind: 'forgotten', object, what: because.what }];
        case 'failedLetGo':
          return [{ kind: 'failedLetGo', object, servers: because.servers }];
        case 'neverOrdered':
          return [];
      }
    }
  }
}

function tellLedger(before: ServerSnapshot, entry: Entry): readonly Happening[] {
  const object = refOf(before.object);
  const known = entryOf(before);
  const { attempt, outcome } = entry;
  if (known !== undefined && known.attempt === attempt && known.outcome.kind === outcome.kind) return [];
  switch (outcome.kind) {
    case 'open':
      return [{ kind: 'intentRecorded', object, attempt }];
    case 'created':
      if (outcome.proof === 'settled')
        return [{ kind: 'orderSettled', object, attempt, became: { kind: 'adopted', server: outcome.server } }];
      return outcome.proof === 'reply'
        ? []
        : [{ kind: 'serverAdopted', object, server: outcome.server, how: 'answer' }];
    case 'absent':
      return known?.outcome.kind === 'open'
        ? [{ kind: 'orderSettled', object, attempt, became: { kind: 'absent' } }]
        : [];
    case 'lost':
      return [{ kind: 'serverLost', object, server: outcome.server }];
    case 'forgotten':
      return [{ kind: 'forgotten', object, what: attempt }];
    case 'refused':
    case 'withdrawn':
      return [];
  }
}

/** The states that hold for the object now, told once while they last. */
export function standingOf(s: ServerSnapshot, rest: Rest): readonly StandingHappening[] {
  return [...standingReason(s, rest), ...standingAnswer(s)];
}

function standingReason(s: ServerSnapshot, rest: Rest): readonly StandingHappening[] {
  const object = refOf(s.object);
  const entry = entryOf(s);
  const own = ownServer(s);
  switch (rest.reason) {
    case 'DuplicateServers':
      return [{ kind: 'duplicateServers', object, servers: uuidsOf(liveServers(s)) }];
    case 'PreviousServerExists':
      return rest.stalled ? [{ kind: 'previousServerFound', object, servers: uuidsOf(previousServers(s).live) }] : [];
    case 'SuspectServer':
      return entry === undefined
        ? []
        : [{ kind: 'suspectServer', object, attempt: entry.attempt, servers: uuidsOf(suspectsOf(s, entry)) }];
    case 'OwnershipUnproven': {
      const server = own ?? carryingOurUid(s)[0]?.uuid;
      return server === undefined ? [] : [{ kind: 'ownershipUnproven', object, server }];
    }
    case 'AccountChanged':
      return entry === undefined ? [] : [{ kind: 'accountChanged', object, attempt: entry.attempt }];
    case 'InputsMissing':
      return [{ kind: 'inputsMissing', object, cause: rest.message }];
    case 'InvalidSpec':
      return [{ kind: 'invalidSpec', object, cause: rest.message }];
    case 'BrakeEngaged': {
      const brake = brakeOf(s, rest);
      return brake === undefined ? [] : [brakeEngaged(s, brake)];
    }
    case 'ObserveMode':
      return [{ kind: 'heldByObserveMode', object, action: heldAction(s) }];
    case 'Slow':
      return own === undefined || entry === undefined
        ? []
        : [{ kind: 'provisioningSlow', object, server: own, elapsedMs: since(entry.requestedAt, s.now) }];
    case 'ProvisioningFailed':
      return own === undefined
        ? []
        : [
            {
              kind: 'provisioningFailed',
              object,
              server: own,
              statusMessage: recordOf(s, own)?.server.statusMessage ?? '',
            },
          ];
    case 'Lost':
      return entry?.outcome.kind === 'lost' ? [{ kind: 'serverLost', object, server: entry.outcome.server }] : [];
    case 'ReleaseStuck': {
      const server = own ?? carryingOurUid(s)[0]?.uuid;
      const sent = server === undefined ? undefined : s.memory.releases[server];
      return server === undefined || sent === undefined
        ? []
        : [{ kind: 'releaseStuck', object, server, elapsedMs: elapsed(sent.firstSentAt, s.monotonic) }];
    }
    case 'Protected':
      return [{ kind: 'deletionProtected', object }];
    default:
      return [];
  }
}

/** The brake that holds the object's order back. */
export function brakeOf(s: ServerSnapshot, rest: Rest): Brake | undefined {
  if (rest.reason !== 'BrakeEngaged') return undefined;
  return s.brakes.servers >= s.settings.serversMax ? 'serversMax' : 'ordersPerHourMax';
}

function brakeEngaged(s: ServerSnapshot, brake: Brake): StandingHappening {
  const byServers = brake === 'serversMax';
  return {
    kind: 'brakeEngaged',
    object: refOf(s.object),
    brake,
    count: byServers ? s.brakes.servers : s.brakes.ordersLastHour,
    limit: byServers ? s.settings.serversMax : s.settings.ordersPerHourMax,
  };
}

function heldAction(s: ServerSnapshot): 'order' | 'release' | 'tag' {
  if (s.object.deletionTimestamp !== undefined) return 'release';
  return ownServer(s) === undefined ? 'order' : 'tag';
}

function standingAnswer(s: ServerSnapshot): readonly StandingHappening[] {
  const answer = readAnswer(s);
  if (answer.kind !== 'refused') return [];
  return [
    {
      kind: 'answerRefused',
      object: refOf(s.object),
      answer: s.object.annotations[ANNOTATION.resolve] ?? '',
      cause: answer.message,
    },
  ];
}

/** What the change from the written status to the new one is worth telling: a delivery, a pause. */
export function tellTransitions(s: ServerSnapshot, rest: Rest): readonly Happening[] {
  const object = refOf(s.object);
  const own = ownServer(s);
  const server = own === undefined ? undefined : recordOf(s, own)?.server;
  const delivered = server !== undefined && isDelivered(server);
  const wasDelivered =
    s.object.status.conditions?.some(({ type, status }) => type === 'Delivered' && status === 'True') === true;
  const entry = entryOf(s);
  return [
    ...(delivered && !wasDelivered && own !== undefined && entry !== undefined
      ? [
          {
            kind: 'serverDelivered',
            object,
            server: own,
            sinceOrderMs: isOrderOf(entry) ? since(entry.requestedAt, server?.deliveredAt ?? s.now) : undefined,
          } as const,
        ]
      : []),
    isPaused(s) && rest.reason === 'Paused' ? { kind: 'paused', object } : { kind: 'resumed', object },
  ];
}

/** Whether the ledger tells when its server was ordered; one that was found or adopted may be older than the ledger. */
const isOrderOf = ({ outcome }: Entry): boolean =>
  outcome.kind === 'created' && (outcome.proof === 'reply' || outcome.proof === 'settled');
