import type { ServerUuid } from '../../base/ids.ts';
import type { OrderRequest } from '../../core/model/order-request.ts';
import type { CreateOutcome, ReadOutcome, ReleaseOutcome, TagOutcome } from '../../core/model/outcomes.ts';
import type { AccountFact } from '../../core/model/snapshot.ts';
import type { Opening } from '../fence.ts';

/** What the controller needs of the vendor's API. */
export interface VendorPort {
  account(): Promise<AccountFact>;
  getServer(server: ServerUuid, priority: 'release' | 'settle' | 'observe'): Promise<ReadOutcome>;
  addTag(server: ServerUuid, tag: string): Promise<TagOutcome>;
  removeTag(server: ServerUuid, tag: string): Promise<TagOutcome>;
  openOrder(request: OrderRequest): Promise<Opening<CreateOutcome>>;
  openRelease(server: ServerUuid): Promise<Opening<ReleaseOutcome>>;
}
