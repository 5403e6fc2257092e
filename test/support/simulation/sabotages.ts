import type { FlexMetalTransport, HttpRequest, HttpResult, SendOptions } from '../../../src/flexmetal/transport.ts';
import type { KubeRequest, KubeTransport } from '../../../src/kube/transport.ts';
import { ANNOTATION } from '../../../src/resources/names.ts';
import { CANARIES } from './canaries.ts';

/** Ways to break the operator from outside, each of which some check must notice. Nothing here is a fault that can happen. */

type Send = (request: HttpRequest, options: SendOptions) => Promise<HttpResult>;

/** Puts something between the operator and the vendor, for kept and fresh connections alike. */
const between =
  (change: (send: Send, inner: FlexMetalTransport) => Send) =>
  (inner: FlexMetalTransport): FlexMetalTransport => ({
    send: change((request, options) => inner.send(request, options), inner),
    connect: async (connectOptions) => {
      const opened = await inner.connect(connectOptions);
      if (!('send' in opened)) return opened;
      return {
        send: change((request, options) => opened.send(request, options), inner),
        close: () => opened.close(),
      };
    },
  });

const isOrder = ({ method, path }: HttpRequest): boolean => method === 'POST' && path === '/v3/flexMetal/servers';

/** An HTTP library that repeats what had no answer. */
export const repeatsOrders = between((send, inner) => async (request, options) => {
  const result = await send(request, options);
  const unanswered = result.kind === 'failed' || result.status >= 500;
  return isOrder(request) && unanswered ? inner.send(request, options) : result;
});

/** A classification that reads every failed order as a clear no. */
export const callsUnclearRefused = between((send) => async (request, options) => {
  const result = await send(request, options);
  const unanswered = result.kind === 'failed' || result.status >= 500;
  if (!isOrder(request) || !unanswered) return result;
  return {
    kind: 'reply',
    status: 422,
    headers: {},
    body: JSON.stringify({ errorCode: 20_002, errorMessage: 'refused' }),
  };
});

/** Releases whatever it has just ordered. */
export const releasesAnything = between((send, inner) => async (request, options) => {
  const result = await send(request, options);
  if (isOrder(request) && result.kind === 'reply') {
    const [server] = [JSON.parse(result.body)].flat();
    await inner.send({ method: 'DELETE', path: `${request.path}/${server.uuid}`, headers: request.headers }, options);
  }
  return result;
});

/** No release ever reaches the vendor. */
export const neverReleases = between(
  (send) => async (request, options) =>
    request.method === 'DELETE' && !request.path.includes('/tag/')
      ? { kind: 'reply', status: 503, headers: {}, body: '' }
      : send(request, options),
);

/** Tags every server of a listing anew: somebody who never rests. */
export const neverRests = between((send, inner) => async (request, options) => {
  const result = await send(request, options);
  if (request.method === 'GET' && request.path === '/v3/flexMetal/servers' && result.kind === 'reply') {
    for (const { uuid } of [JSON.parse(result.body)].flat()) {
      await inner.send(
        { method: 'POST', path: `${request.path}/${uuid}/tag/restless`, headers: request.headers },
        options,
      );
    }
  }
  return result;
});

/** Rewrites what goes to the Kubernetes API. */
const rewriting =
  (rewrite: (body: string, request: KubeRequest) => string) =>
  (inner: KubeTransport): KubeTransport => ({
    send: (request, options) =>
      inner.send(request.body === undefined ? request : { ...request, body: rewrite(request.body, request) }, options),
    watch: (request, options) => inner.watch(request, options),
  });

/** Says too much in the status. */
export const tellsSecrets = rewriting((body, { path }) =>
  path.includes('/status') ? body.replaceAll('"phase":"', `"phase":"${CANARIES.token} `) : body,
);

/** An admission webhook that lets no finalizer of ours stand. */
export const stripsFinalizers = rewriting((body) => body.replace(/,"finalizers":\[[^\]]*\]/, ''));

/** An admission webhook that lets no annotation of ours stand. */
export const stripsLedgers = rewriting((body) => body.replace(`"${ANNOTATION.order}"`, '"example.com/other"'));
