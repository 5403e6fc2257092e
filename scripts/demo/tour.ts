import { setTimeout as delay } from 'node:timers/promises';
import { applyCrds, serverSideApply } from '../../test/support/cluster/kit.ts';
import type { Rest } from '../../test/support/cluster/rest.ts';
import { waitFor } from '../../test/support/cluster/wait-for.ts';
import { chooseTargets, serversPath } from './examples.ts';
import type { Examples } from './examples.ts';
import { DEMO_LABELS, DEMO_NAMESPACE } from './names.ts';
import type { Screen } from './screen.ts';
import { readServerViews } from './server-view.ts';
import type { ServerView } from './server-view.ts';
import { readVendorFacts } from './simulator.ts';
import type { VendorFacts } from './simulator.ts';
import type { Seen } from './verdict.ts';

export interface Stage {
  readonly rest: Rest;
  readonly simulatorUrl: string;
  readonly examples: Examples;
  readonly screen: Screen;
  /** Ends every wait. */
  readonly signal: AbortSignal;
}

const NEW_TAG = 'changed-by:demo';
/** Statuses last a quarter of a second at least in the demo's scenario. */
const LOOK_EVERY_MS = 150;
const READY_TIMEOUT_MS = 120_000;
const STEP_TIMEOUT_MS = 60_000;

/** Installs the CRDs and the namespace: what the operator needs to be there when it starts. */
export async function prepareCluster(rest: Rest): Promise<void> {
  await applyCrds(rest, undefined, DEMO_LABELS);
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: DEMO_NAMESPACE, labels: DEMO_LABELS } };
  await serverSideApply(rest, `/api/v1/namespaces/${DEMO_NAMESPACE}`, namespace);
}

/**
 * Watches the objects for as long as the demo runs and remembers what it saw. What the tour could not see in time is simply not in
 * `seen`: the verdict says so.
 */
export class Tour {
  readonly #stage: Stage;
  readonly #objects = new Map<string, { uid: string; wasReady: boolean; statuses: string[] }>();
  readonly #changed: { name: string; tag: string };
  readonly #deleted: string;
  #views: readonly ServerView[] = [];
  #tagSent = false;
  #deleteSent = false;

  constructor(stage: Stage) {
    this.#stage = stage;
    const targets = chooseTargets(stage.examples.servers);
    this.#changed = { name: targets.tagged, tag: NEW_TAG };
    this.#deleted = targets.deleted;
  }

  /** Looks at the objects until the signal fires. Throws when the API server cannot be asked. */
  async watch(): Promise<void> {
    const { rest, screen, signal } = this.#stage;
    while (!signal.aborted) {
      this.#views = readServerViews(await rest.must('GET', serversPath(DEMO_NAMESPACE)));
      for (const view of this.#views) this.#remember(view);
      screen.show(this.#views);
      await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Applies, waits, changes, deletes. Throws when a step does not come to its end in time; `seen` is right in any case. */
  async run(): Promise<void> {
    const { rest, screen, examples } = this.#stage;
    const total = examples.servers.length;
    screen.say(`Applying examples/: ${total} servers are ordered now.`);
    for (const { path, object } of examples.objects) await serverSideApply(rest, path, object);
    await this.#until(`all ${total} servers are Ready`, READY_TIMEOUT_MS, () => {
      return this.#views.length === total && this.#views.every(({ ready }) => ready === 'True');
    });

    const { name, tag } = this.#changed;
    screen.say(`All are Ready. Adding the tag ${tag} to ${name}.`);
    const tags = [...(examples.servers.find((server) => server.name === name)?.tags ?? []), tag];
    await rest.must('PATCH', `${serversPath(DEMO_NAMESPACE)}/${name}`, {
      body: { spec: { tags } },
      contentType: 'application/merge-patch+json',
    });
    this.#tagSent = true;
    await this.#until(`${name} shows the tag as applied`, STEP_TIMEOUT_MS, () => {
      const view = this.#views.find((candidate) => candidate.name === name);
      return view?.appliedTags.includes(tag) === true && view.ready === 'True';
    });

    screen.say(`The server has it. Deleting ${this.#deleted}: its server is released before the object goes.`);
    await rest.must('DELETE', `${serversPath(DEMO_NAMESPACE)}/${this.#deleted}`);
    this.#deleteSent = true;
    await this.#until(
      `${this.#deleted} is gone`,
      STEP_TIMEOUT_MS,
      () => !this.#views.some((view) => view.name === this.#deleted),
    );
    screen.say('It is gone.');
  }

  async facts(): Promise<{ readonly seen: Seen; readonly vendor: VendorFacts }> {
    const objects = this.#stage.examples.servers.map(({ name }) => {
      return { name, ...(this.#objects.get(name) ?? { uid: 'never-seen', wasReady: false, statuses: [] }) };
    });
    const seen = {
      objects,
      changed: this.#tagSent ? this.#changed : undefined,
      deleted: this.#deleteSent ? this.#deleted : undefined,
      deletedIsGone: this.#deleteSent && !this.#views.some(({ name }) => name === this.#deleted),
    };
    return { seen, vendor: await readVendorFacts(this.#stage.simulatorUrl) };
  }

  #remember(view: ServerView): void {
    const memory = this.#objects.get(view.name) ?? { uid: view.uid, wasReady: false, statuses: [] };
    this.#objects.set(view.name, memory);
    if (view.deleting) return;
    memory.wasReady ||= view.ready === 'True';
    if (view.deliveryStatus !== '' && !memory.statuses.includes(view.deliveryStatus))
      memory.statuses.push(view.deliveryStatus);
  }

  async #until(what: string, timeoutMs: number, holds: () => boolean): Promise<void> {
    try {
      await waitFor(what, holds, { timeoutMs, everyMs: LOOK_EVERY_MS, signal: this.#stage.signal });
    } catch (error) {
      if (this.#stage.signal.aborted || !(error instanceof Error)) throw error;
      const stuck = this.#views
        .filter(({ ready }) => ready !== 'True')
        .map(({ name, reason, message }) => `  ${name}: ${reason}: ${message}`);
      throw new Error([error.message, ...stuck].join('\n'), { cause: error });
    }
  }
}
