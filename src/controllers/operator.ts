import type { Clock } from '../base/clock.ts';
import { sleep } from '../base/clock.ts';
import { sha256Hex } from '../base/hash.ts';
import type { ClusterId, ObjectKey } from '../base/ids.ts';
import { parseClusterId } from '../base/ids.ts';
import type { Random } from '../base/random.ts';
import type { Secret } from '../base/secret.ts';
import type { Millis } from '../base/time.ts';
import { elapsed, seconds } from '../base/time.ts';
import type { Settings } from '../core/model/snapshot.ts';
import type { Priority } from '../flexmetal/budget.ts';
import { RateBudget } from '../flexmetal/budget.ts';
import { FlexMetalClient } from '../flexmetal/client.ts';
import type { TokenSource } from '../flexmetal/token-source.ts';
import type { FlexMetalTransport } from '../flexmetal/transport.ts';
import type { Verb } from '../kube/client.ts';
import { KubeClient } from '../kube/client.ts';
import { EventRecorder } from '../kube/events.ts';
import { Informer } from '../kube/informer.ts';
import type { LeaseTimes } from '../kube/leader-election.ts';
import { LeaderElector } from '../kube/leader-election.ts';
import type { KubeObject } from '../kube/object.ts';
import { OwnWrites } from '../kube/own-writes.ts';
import type { KubeTransport } from '../kube/transport.ts';
import { WorkQueue } from '../kube/work-queue.ts';
import type { EventSink } from '../observability/event-sink.ts';
import type { Check } from '../observability/health.ts';
import type { Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Teller } from '../observability/tell.ts';
import { createTeller } from '../observability/tell.ts';
import type { Tracer } from '../observability/tracing/tracer.ts';
import { NO_TRACES } from '../observability/tracing/tracer.ts';
import { Poller } from './account-view.ts';
import { Brakes } from './brakes.ts';
import type { Verdict } from './fence.ts';
import { GO, stop } from './fence.ts';
import { ListingWatch } from './listing-watch.ts';
import { beginCounting, queueHooks, reportCall, watchGauges } from './measuring.ts';
import type { Look } from './reconcile.ts';
import { reconcile } from './reconcile.ts';
import { KINDS } from './registry.ts';
import { passAttributes, passSpan } from './tracing.ts';

/** What the operator is told. The names are those of the configuration. */
export interface OperatorSettings {
  readonly apiUrl: string;
  readonly clusterId: ClusterId | undefined;
  readonly mode: Settings['mode'];
  readonly settleWindow: Millis;
  readonly orderTimeout: Millis;
  readonly requestTimeout: Millis;
  readonly pollIntervalMoving: Millis;
  readonly pollIntervalStill: Millis;
  readonly pageSize: number;
  readonly pagesMax: number;
  readonly requestsPerSecond: number;
  readonly requestBurst: number;
  readonly serversMax: number;
  readonly ordersPerHourMax: number;
  readonly namespaces: 'all' | readonly string[];
  readonly workers: number;
  /** undefined: this process is the only one, for certain. */
  readonly lease: { readonly namespace: string; readonly name: string; readonly times: LeaseTimes } | undefined;
}

/** Everything outside, as parameters: the machine's own in the operator, simulated in tests. */
export interface OperatorPorts {
  readonly kube: KubeTransport;
  readonly vendor: FlexMetalTransport;
  readonly tokens: TokenSource;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Nothing is traced without it. The transports are given traced already. */
  readonly tracer?: Tracer;
  readonly onSecret: (secret: Secret) => void;
  /** Of the process: the pod's name. */
  readonly name: string;
  readonly version: string;
}

/** How the run ended: told to stop, or not allowed to go on. */
export type RunEnd = { readonly kind: 'stopped' } | { readonly kind: 'leadershipLost'; readonly reason: string };

const CONTROLLER = KINDS.server.name;
const NAMESPACES = { group: '', version: 'v1', plural: 'namespaces' } as const;
const CLUSTER_ID_RETRY = seconds(5);
const EVENTS_CLOSE_TIMEOUT = seconds(3);

/** client-go counts requests by their HTTP method. */
const METHOD_OF = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
} as const satisfies Record<Verb, string>;

/** The operator without its process: wires the rooms together and runs them until told to stop or leadership is lost. */
export class Operator {
  readonly #settings: OperatorSettings;
  readonly #ports: OperatorPorts;
  readonly #client: KubeClient;
  readonly #informer: Informer;
  readonly #elector: LeaderElector | undefined;
  readonly #holder: string;
  readonly #recorder: EventRecorder;
  readonly #teller: Teller;
  #leading = false;

  constructor(settings: OperatorSettings, ports: OperatorPorts) {
    this.#settings = settings;
    this.#ports = ports;
    const { clock, random, metrics, log } = ports;
    this.#client = new KubeClient({
      transport: ports.kube,
      clock,
      random,
      onRequest: ({ verb, code }) =>
        metrics.restClientRequests.inc({ code: String(code), method: METHOD_OF[verb], host: 'kube-apiserver' }),
    });
    this.#informer = new Informer({
      client: this.#client,
      resource: KINDS.server.resource,
      namespaces: settings.namespaces,
      clock,
      random,
      hooks: {
        listFailed: ({ scope, failure, retryIn }) =>
          log.warn(
            { scope, failure, retryInMs: retryIn },
            'FlexMetalServers could not be listed; are the CRDs installed and may the operator list them?',
          ),
        watchEnded: ({ scope, end, cause, events }) => log.debug({ scope, end, cause, events }, 'watch ended'),
        unreadable: ({ scope, count }) => log.warn({ scope, count }, 'objects that are none were passed over'),
        handlerFailed: (error, key) => log.error({ err: error, key }, 'a handler of an object event failed'),
      },
    });
    this.#elector =
      settings.lease === undefined
        ? undefined
        : new LeaderElector({
            client: this.#client,
            clock,
            random,
            lease: { namespace: settings.lease.namespace, name: settings.lease.name },
            name: ports.name,
            times: settings.lease.times,
          });
    this.#holder = this.#elector?.identity ?? `${ports.name}_${random.hex(8)}`;
    this.#recorder = new EventRecorder({
      client: this.#client,
      clock,
      random,
      reportingController: 'flexmetal-operator',
      reportingInstance: this.#holder,
    });
    // What concerns no object is logged and counted; there is no object of the operator's own that an Event could be about.
    this.#teller = createTeller({ log, metrics, events: this.#eventSink(this.#recorder), self: undefined });
  }

  /** For /readyz. A standby is ready: it only waits. */
  readonly readiness: readonly Check[] = [
    {
      name: 'informer',
      run: () =>
        this.#informer.hasSynced ? { kind: 'ok' } : { kind: 'failed', reason: 'FlexMetalServers were not listed yet' },
    },
  ];

  get isLeading(): boolean {
    return this.#leading;
  }

  /** How this process signs: in the lease, in the ledgers of its orders and in its Events. */
  get identity(): string {
    return this.#holder;
  }

  /**
   * Runs until `stopping` fires or leadership is lost. On a stop nothing new is begun, what is under way (an order) is waited
   * for and its answer written down with the lease kept, and the lease is given back last.
   */
  async run(stopping: AbortSignal): Promise<RunEnd> {
    this.#informer.start();
    const cluster = await this.#clusterId(stopping);
    if (cluster === undefined || !(await this.#informer.whenSynced(stopping))) {
      await this.#informer.stop();
      return { kind: 'stopped' };
    }
    const end =
      this.#elector === undefined
        ? await this.#lead(cluster, stopping)
        : await this.#runElected(this.#elector, cluster, stopping);
    // Who lost the lease ends at once: an Event is not worth the seconds in which it could still do something.
    if (end.kind === 'stopped') await this.#recorder.close(EVENTS_CLOSE_TIMEOUT);
    await this.#informer.stop();
    return end;
  }

  async #runElected(elector: LeaderElector, cluster: ClusterId, stopping: AbortSignal): Promise<RunEnd> {
    const { metrics } = this.#ports;
    const { identity } = elector;
    const lease = this.#settings.lease?.name ?? '';
    metrics.leaderElectionMasterStatus.set({ name: lease }, 0);
    const over = new AbortController();
    const finish = (): void => over.abort();
    stopping.addEventListener('abort', finish, { once: true });
    elector.lostSignal.addEventListener('abort', finish, { once: true });
    let led: Promise<RunEnd> | undefined;
    const ended = elector.run(() => {
      this.#teller.tell({ kind: 'leadershipAcquired', lease, identity });
      led = this.#lead(cluster, over.signal);
    });
    if (stopping.aborted) finish();
    const stopped = new Promise<void>((resolve) => {
      if (over.signal.aborted) resolve();
      over.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await stopped;
    if (!elector.lostSignal.aborted) {
      await led;
      await elector.stop();
    }
    const end = await ended;
    stopping.removeEventListener('abort', finish);
    if (end.kind === 'stopped') {
      metrics.leaderElectionMasterStatus.set({ name: lease }, 0);
      return { kind: 'stopped' };
    }
    this.#teller.tell({ kind: 'leadershipLost', lease, identity, cause: end.reason });
    return { kind: 'leadershipLost', reason: end.reason };
  }

  /** Works until the signal fires and what was under way has ended. */
  async #lead(cluster: ClusterId, signal: AbortSignal): Promise<RunEnd> {
    const { clock, random, metrics, onSecret } = this.#ports;
    const settings = this.#settings;
    const teller = this.#teller;
    this.#leading = true;
    const leadingSince = clock.monotonic();
    const vendor = this.#vendor(cluster);
    const brakes = new Brakes(cluster);
    const ownWrites = new OwnWrites();
    const queue = new WorkQueue<ObjectKey>({ clock, random, hooks: queueHooks(metrics) });
    const { store } = this.#informer;
    const watch = new ListingWatch({
      store,
      queue,
      brakes,
      teller,
      metrics,
      cluster,
      countsOrphans: settings.namespaces === 'all',
      controller: () => controller,
    });
    const poller = new Poller({
      clock,
      list: () => vendor.listServers('observe'),
      account: () => vendor.account(),
      moving: settings.pollIntervalMoving,
      still: settings.pollIntervalStill,
      isMoving: () => controller.moving.size > 0,
      continuedFrom: (listing, account) => watch.continuedFrom(listing, account),
      onListing: (listing, previous) => watch.onListing(listing, previous),
      onFailure: (failure) => watch.onFailure(failure, poller.age()),
      onDone: (took) => metrics.listingDuration.observe({}, took / 1_000),
    });
    const controller = new KINDS.server.controller({
      client: this.#client,
      vendor,
      store,
      ownWrites,
      queue,
      poller,
      brakes,
      teller,
      settings: coreSettings(settings, cluster, this.#holder),
      clock,
      random,
      mayAct: () => this.#mayAct(signal),
      onSecret,
    });
    const unsubscribe = store.onEvent((event) => {
      if (event.kind === 'deleted') controller.forget(event.object.metadata.uid, event.key);
      else {
        ownWrites.cached(event.object);
        queue.add(event.key);
      }
    });
    for (const key of store.keys()) queue.add(key);
    watchGauges(this.#ports.metrics, {
      queue,
      poller,
      leadingFor: () => elapsed(leadingSince, clock.monotonic()),
      informerAge: () => this.#informer.age(),
      standing: () => controller.standing(),
    });
    metrics.maxConcurrentReconciles.set({ controller: CONTROLLER }, settings.workers);
    beginCounting(metrics);
    poller.start();
    await queue.run((item) => this.#pass(controller, item, queue, teller), { concurrency: settings.workers, signal });
    // An order that was waited for has an answer that nobody else knows; begun before the stop, it is written down in spite of it.
    for (const key of controller.unrecorded())
      await this.#pass(controller, { key, queuedAt: clock.monotonic(), priority: 'continue' }, queue, teller);
    await poller.stop();
    unsubscribe();
    this.#leading = false;
    return { kind: 'stopped' };
  }

  /** One look at one object. What is thrown here is a bug: it is told, and the object is tried again by itself. */
  async #pass(
    controller: InstanceType<typeof KINDS.server.controller>,
    item: Look,
    queue: WorkQueue<ObjectKey>,
    teller: Teller,
  ): Promise<void> {
    const { clock, metrics, tracer = NO_TRACES } = this.#ports;
    const begunAt = clock.monotonic();
    try {
      await tracer.span(passSpan(item), async (span) => span.set(passAttributes(await reconcile(controller, item))));
      metrics.reconcileTotal.inc({ controller: CONTROLLER, result: 'success' });
    } catch (error) {
      metrics.reconcileTotal.inc({ controller: CONTROLLER, result: 'error' });
      metrics.reconcileErrors.inc({ controller: CONTROLLER });
      const object = this.#informer.store.get(item.key);
      if (object !== undefined) {
        const { apiVersion, kind, metadata } = object;
        teller.tell({ kind: 'passFailed', object: { apiVersion, kind, key: item.key, uid: metadata.uid }, error });
      }
      queue.addRateLimited(item.key);
    } finally {
      metrics.reconcileTime.observe({ controller: CONTROLLER }, elapsed(begunAt, clock.monotonic()) / 1_000);
    }
  }

  /** Synchronous: nothing runs between this and the first byte of the request. */
  #mayAct(signal: AbortSignal): Verdict {
    if (signal.aborted) return stop('stopping', 'The operator is stopping and begins nothing new.');
    const leadership = this.#elector?.check() ?? { kind: 'leader' };
    return leadership.kind === 'leader'
      ? GO
      : stop('notLeader', `This process may not act any more (${leadership.reason}).`);
  }

  #vendor(cluster: ClusterId): FlexMetalClient {
    const { clock, metrics, log, vendor, tokens, version } = this.#ports;
    const { apiUrl, requestsPerSecond, requestBurst, pageSize, pagesMax, requestTimeout, orderTimeout } =
      this.#settings;
    return new FlexMetalClient({
      transport: vendor,
      tokens,
      budget: new RateBudget({
        clock,
        requestsPerSecond,
        burst: requestBurst,
        onWait: (priority: Priority, waited) => metrics.budgetWait.observe({ priority }, waited / 1_000),
      }),
      clock,
      baseUrl: apiUrl,
      salt: cluster,
      userAgent: `flexmetal-operator/${version}`,
      pageSize,
      pagesMax,
      requestTimeout,
      orderTimeout,
      onCall: (call) => reportCall(log, metrics, call),
    });
  }

  #eventSink(recorder: EventRecorder): EventSink {
    return {
      emit: ({ object, type, reason, action, note }) => {
        const known: KubeObject | undefined = this.#informer.store.getByUid(object.uid);
        const slash = object.key.indexOf('/');
        const regarding: KubeObject = {
          apiVersion: object.apiVersion,
          kind: object.kind,
          metadata: {
            namespace: object.key.slice(0, slash),
            name: object.key.slice(slash + 1),
            uid: object.uid,
            resourceVersion: known?.metadata.resourceVersion ?? '',
          },
        };
        recorder.record({ regarding, type, reason, action, note });
      },
    };
  }

  /** The configured id, or one from the uid of kube-system, which lives as long as the cluster. */
  async #clusterId(stopping: AbortSignal): Promise<ClusterId | undefined> {
    if (this.#settings.clusterId !== undefined) return this.#settings.clusterId;
    while (!stopping.aborted) {
      const result = await this.#client.get(NAMESPACES, { name: 'kube-system' }, { signal: stopping });
      if (result.kind === 'ok') return parseClusterId(sha256Hex(result.object.metadata.uid, 12));
      this.#ports.log.warn(
        { failure: result },
        'the namespace kube-system could not be read for the cluster id; allow it or set clusterId',
      );
      await sleep(this.#ports.clock, CLUSTER_ID_RETRY, stopping);
    }
    return undefined;
  }
}

function coreSettings(settings: OperatorSettings, cluster: ClusterId, holder: string): Settings {
  const { mode, settleWindow, orderTimeout, pollIntervalMoving, serversMax, ordersPerHourMax, namespaces } = settings;
  return {
    cluster,
    holder,
    mode,
    settleWindow,
    orderTimeout,
    pollInterval: pollIntervalMoving,
    serversMax,
    ordersPerHourMax,
    watchesAll: namespaces === 'all',
  };
}
