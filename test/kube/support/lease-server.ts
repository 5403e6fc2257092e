import type { KubeRequest, KubeResult } from '../../../src/kube/transport.ts';
import { ok, status } from './scripted-transport.ts';

type Json = Readonly<Record<string, unknown>>;

/** Keeps one Lease as the API server does: create, read, and updates guarded by resourceVersion. */
export class LeaseServer {
  lease: { readonly metadata: Json; readonly spec: Json } | undefined;
  #version = 0;
  writes = 0;

  handle(request: KubeRequest): KubeResult {
    switch (request.method) {
      case 'GET':
        return this.lease === undefined ? status(404, 'NotFound') : this.#reply();
      case 'POST':
        if (this.lease !== undefined) return status(409, 'AlreadyExists');
        return this.#store(request.body, 201);
      case 'PUT': {
        if (this.lease === undefined) return status(404, 'NotFound');
        const isStale = parse(request.body).metadata['resourceVersion'] !== this.lease.metadata['resourceVersion'];
        return isStale ? status(409, 'Conflict') : this.#store(request.body, 200);
      }
      case 'PATCH':
      case 'DELETE':
        return status(405, 'MethodNotAllowed');
      default:
        return status(405, 'MethodNotAllowed');
    }
  }

  /** As if somebody deleted it. */
  drop(): void {
    this.lease = undefined;
  }

  /** As if somebody else wrote it. */
  write(spec: Json, metadata: Json = {}): void {
    this.#version += 1;
    this.lease = {
      metadata: {
        name: 'operator',
        namespace: 'flexmetal',
        uid: 'uid-lease',
        ...this.lease?.metadata,
        ...metadata,
        resourceVersion: String(this.#version),
      },
      spec: { ...this.lease?.spec, ...spec },
    };
  }

  #store(body: string | undefined, code: number): KubeResult {
    const { metadata, spec } = parse(body);
    this.lease = undefined;
    this.write(spec, metadata);
    this.writes += 1;
    return this.#reply(code);
  }

  #reply(code = 200): KubeResult {
    return ok({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', ...this.lease }, code);
  }
}

function parse(body: string | undefined): { readonly metadata: Json; readonly spec: Json } {
  const value: { readonly metadata: Json; readonly spec: Json } = JSON.parse(body ?? '');
  return value;
}
