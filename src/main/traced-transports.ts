import type { FlexMetalTransport, HttpRequest, HttpResult } from '../flexmetal/transport.ts';
import type { KubeRequest, KubeTransport } from '../kube/transport.ts';
import type { Span, SpanStart, Tracer } from '../observability/tracing/tracer.ts';

/** The same transport with a span for each call. An order is still written within `send`, before anything else runs. */
export const tracedVendor = (transport: FlexMetalTransport, tracer: Tracer): FlexMetalTransport => ({
  send: (request, options) => tracer.span(vendorCall(request), (span) => told(span, transport.send(request, options))),
  connect: async (options) => {
    const connection = await tracer.span(
      { name: 'flexmetal connect', kind: 'client', attributes: {} },
      async (span) => {
        const opened = await transport.connect(options);
        if ('kind' in opened) tellFailure(span, opened.cause);
        return opened;
      },
    );
    if ('kind' in connection) return connection;
    return {
      send: (request, sendOptions) =>
        tracer.span(vendorCall(request), (span) => told(span, connection.send(request, sendOptions))),
      close: () => connection.close(),
    };
  },
});

/** The same transport with a span for each call; of a watch, for its opening. */
export const tracedKube = (transport: KubeTransport, tracer: Tracer): KubeTransport => ({
  send: (request, options) => tracer.span(kubeCall(request), (span) => told(span, transport.send(request, options))),
  watch: (request, options) =>
    tracer.span(kubeCall(request), async (span) => {
      const watch = await transport.watch(request, options);
      if (watch.kind !== 'open') tellEnd(span, watch);
      return watch;
    }),
});

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

/** The tag is left out: users may choose some, and they are of no use here. */
function vendorCall({ method, path }: HttpRequest): SpanStart {
  const plain = withoutQuery(path).replace(/\/tag\/.*$/, '/tag/{tag}');
  const template = plain.replace(UUID, '{uuid}');
  return {
    name: `flexmetal ${method} ${template}`,
    kind: 'client',
    attributes: {
      'http.request.method': method,
      'url.template': template,
      'flexmetal.server': UUID.exec(plain)?.[0],
    },
  };
}

function kubeCall({ method, path }: KubeRequest): SpanStart {
  const attributes = { 'http.request.method': method, 'url.path': withoutQuery(path) };
  return { name: `kubernetes ${method}`, kind: 'client', attributes };
}

const withoutQuery = (path: string): string => path.split('?')[0] ?? path;

type End = Pick<Extract<HttpResult, { kind: 'reply' }>, 'kind' | 'status'> | { kind: 'failed'; cause: string };

async function told<T extends End>(span: Span, work: Promise<T>): Promise<T> {
  const end = await work;
  tellEnd(span, end);
  return end;
}

function tellEnd(span: Span, end: End): void {
  if (end.kind === 'failed') {
    tellFailure(span, end.cause);
    return;
  }
  span.set({ 'http.response.status_code': end.status });
  if (end.status < 400) return;
  span.set({ 'error.type': String(end.status) });
  span.fail(`HTTP ${end.status}`);
}

function tellFailure(span: Span, cause: string): void {
  span.set({ 'error.type': cause });
  span.fail(cause);
}
