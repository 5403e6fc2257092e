import type { FlexMetalTransport, HttpRequest, HttpResult } from '../../src/flexmetal/transport.ts';
import { requestViolations } from './validator.ts';

/** A transport that holds every request against the vendor's document on its way, and remembers what was sent. */
export interface CheckedTransport extends FlexMetalTransport {
  readonly requests: readonly HttpRequest[];
  /** What was wrong, with the method and path of the request. */
  readonly violations: readonly string[];
}

/** Puts the check in front of another transport. Requests pass also when they violate the document. */
export function checkedTransport(inner: FlexMetalTransport): CheckedTransport {
  const requests: HttpRequest[] = [];
  const violations: string[] = [];
  const note = (request: HttpRequest): void => {
    requests.push(request);
    for (const violation of requestViolations(request))
      violations.push(`${request.method} ${request.path}: ${violation}`);
  };
  return {
    requests,
    violations,
    send: (request, options): Promise<HttpResult> => {
      note(request);
      return inner.send(request, options);
    },
    connect: async (options) => {
      const connection = await inner.connect(options);
      if ('kind' in connection) return connection;
      return {
        send: (request, sendOptions) => {
          note(request);
          return connection.send(request, sendOptions);
        },
        close: () => connection.close(),
      };
    },
  };
}
