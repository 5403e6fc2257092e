import type { Random } from '../../src/base/random.ts';
import { ANNOTATION } from '../../src/resources/names.ts';
import type { Method, Rest, RestOptions } from '../../test/support/cluster/rest.ts';
import { pick, pickWeighted } from './dice.ts';
import type { Fleet } from './fleet.ts';
import type { ServerObject } from './objects.ts';
import { manifestOf, parseObject, reasonOf, serversPath } from './objects.ts';
import type { Tally } from './tally.ts';

const MERGE = 'application/merge-patch+json';
const TAGS = ['team:games', 'team:web', 'stage:test', 'stage:live', 'cost:4711', 'zone_a', 'zone_b'];
/** What a person answers with `reorder`. */
const WAITS_FOR_A_PERSON: ReadonlySet<string> = new Set(['Lost', 'ProvisioningFailed']);
/** Gone, changed meanwhile, there already: what happens when many work on the same things. */
const USUAL: ReadonlySet<number> = new Set([404, 409]);

/** People and tools who change FlexMetalServers all the time. What fails is not tried again: the next act comes soon. */
export class Users {
  readonly #rest: Rest;
  readonly #fleet: Fleet;
  readonly #random: Random;
  readonly #wanted: number;
  readonly #did: Tally;
  /** Names whose objects were deleted to be created anew. */
  readonly #again = new Set<string>();
  readonly #complaints: string[] = [];
  #named = 0;

  constructor(ports: { rest: Rest; fleet: Fleet; random: Random; objects: number; did: Tally }) {
    this.#rest = ports.rest;
    this.#fleet = ports.fleet;
    this.#random = ports.random;
    this.#wanted = ports.objects;
    this.#did = ports.did;
  }

  /** Refusals that no user should get, as sentences. */
  get complaints(): readonly string[] {
    return this.#complaints;
  }

  /** Whether far fewer objects exist than should. */
  get isFilling(): boolean {
    return this.#fleet.wanted.length < this.#wanted * 0.95;
  }

  async act(): Promise<void> {
    const { wanted, objects } = this.#fleet;
    if (this.isFilling) return this.#create();
    const paused = wanted.filter(isPaused);
    const waiting = wanted.filter((object) => WAITS_FOR_A_PERSON.has(reasonOf(object)));
    const names = new Set(objects.map(({ metadata }) => metadata.name));
    const free = [...this.#again].filter((name) => !names.has(name));
    const isFull = wanted.length + this.#again.size >= this.#wanted;
    const act = pickWeighted(this.#random, {
      create: isFull ? 0 : 40,
      delete: isFull ? 25 : 5,
      recreate: 12,
      createAgain: free.length > 0 ? 30 : 0,
      tag: 25,
      pause: paused.length < this.#wanted / 20 ? 6 : 0,
      resume: paused.length > 0 ? 8 : 0,
      replace: 4,
      touch: 4,
      answer: waiting.length > 0 ? 12 : 0,
    });
    switch (act) {
      case 'create':
        return this.#create();
      case 'delete':
        return this.delete(pick(this.#random, wanted));
      case 'recreate':
        return this.#recreate(pick(this.#random, wanted));
      case 'createAgain':
        return this.#createAgain(pick(this.#random, free));
      case 'tag':
        return this.#patch('edit tags', pick(this.#random, wanted), { spec: { tags: this.#someTags() } });
      case 'pause':
        return this.#annotate('pause', pick(this.#random, wanted), ANNOTATION.paused, 'true');
      case 'resume':
        return this.resume(pick(this.#random, paused));
      case 'replace':
        return this.#replace(pick(this.#random, wanted));
      case 'touch':
        return this.#annotate(
          'ask to look',
          pick(this.#random, wanted),
          ANNOTATION.reconcileRequestedAt,
          String(Date.now()),
        );
      case 'answer':
        return this.#answer(pick(this.#random, waiting));
    }
  }

  resume(object: ServerObject): Promise<void> {
    return this.#annotate('resume', object, ANNOTATION.paused, null);
  }

  /** Corrects the spec of an object whose order was refused: it is then tried at once. */
  correct(object: ServerObject): Promise<void> {
    return this.#patch('correct the spec', object, { spec: { tags: this.#someTags() } });
  }

  /** Answers that no server came of an object's order: it may order again, or go when it is being deleted. */
  async sayNoServer(object: ServerObject): Promise<void> {
    const attempt = object.status?.order?.attempt;
    if (attempt === undefined) return;
    if (object.metadata.deletionTimestamp === undefined) await this.#answer(object);
    else await this.#annotate('answer force-forget', object, ANNOTATION.forceForget, attempt);
  }

  delete(object: ServerObject): Promise<void> {
    return this.#sendDelete('delete', object);
  }

  #create(): Promise<void> {
    this.#named += 1;
    return this.#post('create', `soak-${this.#named}`);
  }

  async #recreate(object: ServerObject): Promise<void> {
    this.#again.add(object.metadata.name);
    await this.#sendDelete('delete to create anew', object);
  }

  async #createAgain(name: string): Promise<void> {
    this.#again.delete(name);
    await this.#post('create anew', name);
  }

  async #post(what: string, name: string): Promise<void> {
    const body = await this.#request(what, 'POST', '', { body: manifestOf(name, this.#someTags()) });
    if (body !== undefined) this.#fleet.created(parseObject(body));
  }

  async #sendDelete(what: string, object: ServerObject): Promise<void> {
    const { uid, name } = object.metadata;
    this.#fleet.deleting(object);
    // This very object, not one that somebody has created under its name meanwhile.
    await this.#request(what, 'DELETE', `/${name}`, { body: { preconditions: { uid } } });
  }

  /** As a tool that knows nothing of annotations it has not written: PUT of what it was given first. */
  async #replace({ metadata: { name } }: ServerObject): Promise<void> {
    const body = await this.#request('read to replace', 'GET', `/${name}`, {});
    if (body === undefined) return;
    const { metadata, ...object } = parseObject(body);
    const { annotations: _dropped, ...kept } = metadata;
    await this.#request('replace without annotations', 'PUT', `/${name}`, { body: { ...object, metadata: kept } });
  }

  async #answer(object: ServerObject): Promise<void> {
    const attempt = object.status?.order?.attempt;
    if (attempt !== undefined) await this.#annotate('answer reorder', object, ANNOTATION.resolve, `reorder=${attempt}`);
  }

  #annotate(what: string, object: ServerObject, annotation: string, value: string | null): Promise<void> {
    return this.#patch(what, object, { metadata: { annotations: { [annotation]: value } } });
  }

  async #patch(what: string, object: ServerObject, patch: object): Promise<void> {
    await this.#request(what, 'PATCH', `/${object.metadata.name}`, { body: patch, contentType: MERGE });
  }

  #someTags(): readonly string[] {
    return TAGS.filter(() => this.#random.next() < 0.4);
  }

  /** @returns the body of a 2xx; undefined when it failed */
  async #request(what: string, method: Method, target: string, options: RestOptions): Promise<unknown> {
    let reply;
    try {
      reply = await this.#rest.request(method, `${serversPath(this.#fleet.namespace)}${target}`, {
        ...options,
        timeoutMs: CALL_TIMEOUT_MS,
      });
    } catch {
      // The API server is away: a soak does that, and a user tries something else later.
      this.#did.add('met no API server');
      return undefined;
    }
    if (reply.status < 300) {
      this.#did.add(what);
      return reply.body;
    }
    const isAway = reply.status >= 500 || reply.status === 429;
    if (USUAL.has(reply.status)) this.#did.add('came too late');
    else if (isAway) this.#did.add('met an API server that is not ready');
    else
      this.#complaints.push(`${what} was answered with ${reply.status}: ${JSON.stringify(reply.body).slice(0, 300)}`);
    return undefined;
  }
}

const CALL_TIMEOUT_MS = 20_000;

const isPaused = ({ metadata }: ServerObject): boolean => metadata.annotations?.[ANNOTATION.paused] === 'true';
