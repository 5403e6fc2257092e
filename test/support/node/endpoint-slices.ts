import * as z from 'zod';
import type { Rest } from '../cluster/rest.ts';

const EndpointSlice = z.object({
  endpoints: z
    .array(z.object({ conditions: z.object({ ready: z.boolean().optional() }).optional() }))
    .nullish()
    .transform((endpoints) => endpoints ?? []),
  ports: z
    .array(z.object({ port: z.number().optional() }))
    .nullish()
    .transform((ports) => ports ?? []),
});
type EndpointSlice = z.infer<typeof EndpointSlice>;

/** Where a Service really is: the addresses and ports behind it. */
export async function endpointSlicesOf(
  rest: Rest,
  namespace: string,
  service: string,
): Promise<readonly EndpointSlice[]> {
  const selector = encodeURIComponent(`kubernetes.io/service-name=${service}`);
  const list = await rest.must(
    'GET',
    `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices?labelSelector=${selector}`,
  );
  return z.object({ items: z.array(EndpointSlice) }).parse(list).items;
}

/** Whether somebody answers. An endpoint that says nothing of itself counts as ready, as the API has it. */
export const isServed = (slices: readonly EndpointSlice[]): boolean =>
  slices.some(({ endpoints }) => endpoints.some(({ conditions }) => conditions?.ready !== false));

export const portsOf = (slices: readonly EndpointSlice[]): readonly number[] =>
  slices.flatMap(({ ports }) => ports.flatMap(({ port }) => (port === undefined ? [] : [port])));
