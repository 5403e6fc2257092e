import { GenericContainer, getContainerRuntimeClient, PullPolicy } from 'testcontainers';
import type { Link } from './link.ts';
import { tarOf } from './tar.ts';

/** Where the files of `withFiles` lie. */
export const FILES = '/files';

/** A container that has its files and stands on its links before its first instruction runs. */
export class PlacedContainer extends GenericContainer {
  readonly #links: { readonly link: Link; readonly alias: string }[] = [];
  #files: Readonly<Record<string, string>> = {};

  /** @param image one that was built here; it is never pulled */
  constructor(image: string) {
    super(image);
    this.withPullPolicy(NEVER);
  }

  withLink(link: Link, alias: string): this {
    this.#links.push({ link, alias });
    return this;
  }

  /** In a volume, which can be filled even where the root is read-only. */
  withFiles(files: Readonly<Record<string, string>>): this {
    this.#files = files;
    this.createOpts.Volumes = { [FILES]: {} };
    return this;
  }

  /** As Kubernetes runs a container under the restricted Pod Security Standard with a read-only root. */
  withRestrictions(): this {
    this.hostConfig.ReadonlyRootfs = true;
    return this.withDroppedCapabilities('ALL').withSecurityOpt('no-new-privileges');
  }

  /** No swap besides. */
  withMemory(bytes: number): this {
    this.hostConfig.Memory = bytes;
    this.hostConfig.MemorySwap = bytes;
    return this;
  }

  protected override async containerCreated(containerId: string): Promise<void> {
    const { container } = await getContainerRuntimeClient();
    if (Object.keys(this.#files).length > 0)
      await container.putArchive(container.getById(containerId), await tarOf(this.#files), FILES);
    for (const { link, alias } of this.#links) await link.connect(containerId, alias);
  }
}

const NEVER = PullPolicy.neverPull();
