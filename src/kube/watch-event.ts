import type { ApiStatus } from './classify.ts';
import { readStatus } from './classify.ts';
import type { KubeObject } from './object.ts';
import { isJsonObject, readKubeObject } from './object.ts';

/** One line of a watch. */
export type WatchEvent =
  | { readonly kind: 'upserted'; readonly object: KubeObject }
  | { readonly kind: 'deleted'; readonly object: KubeObject }
  | { readonly kind: 'bookmark'; readonly resourceVersion: string }
  | { readonly kind: 'error'; readonly status: ApiStatus | undefined }
  | { readonly kind: 'unreadable' };

/** Reads a line of a watch; whatever it is not prepared for is `unreadable`, never dropped in silence. */
export function readWatchEvent(line: unknown): WatchEvent {
  if (!isJsonObject(line)) return { kind: 'unreadable' };
  const { type, object: raw } = line;
  if (type === 'ERROR') return { kind: 'error', status: readStatus(raw) };
  if (type === 'BOOKMARK') {
    const metadata = isJsonObject(raw) ? raw['metadata'] : undefined;
    const version = isJsonObject(metadata) ? metadata['resourceVersion'] : undefined;
    return typeof version === 'string' && version !== ''
      ? { kind: 'bookmark', resourceVersion: version }
      : { kind: 'unreadable' };
  }
  const object = readKubeObject(raw);
  if (object === undefined) return { kind: 'unreadable' };
  if (type === 'ADDED' || type === 'MODIFIED') return { kind: 'upserted', object };
  return type === 'DELETED' ? { kind: 'deleted', object } : { kind: 'unreadable' };
}
