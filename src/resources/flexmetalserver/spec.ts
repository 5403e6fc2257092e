import * as z from 'zod';
import { hours, minutes } from '../../base/time.ts';
import { OUR_TAG_PREFIX } from '../names.ts';
import { atomicList, constrained, exactlyOneOf, text, textSet } from '../schema/building-blocks.ts';
import { BOUNDS } from './bounds.ts';
import { DURATION_PATTERN, parseDuration } from './duration.ts';
import { PUBLIC_KEY_RULES } from './public-key.ts';

/** The slug of the operating system that boots from a script of the user's. */
export const CUSTOM_IPXE = 'custom-ipxe';

const UUID_PATTERN = /^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$/;

/** The vendor's names have blanks, colons and dashes inside, none at the ends. */
const VENDOR_NAME_PATTERN = /^[^ \t\r\n]([^\t\r\n]*[^ \t\r\n])?$/;

const vendorName = (): z.ZodString => text({ min: 1, max: BOUNDS.vendorName, pattern: VENDOR_NAME_PATTERN });

const keyReference = (kind: 'Secret' | 'ConfigMap') =>
  z.strictObject({
    name: text({
      min: 1,
      max: BOUNDS.referenceName,
      pattern: /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/,
    }).describe(`Name of the ${kind}, in the namespace of this object.`),
    key: text({ min: 1, max: BOUNDS.referenceName, pattern: /^[A-Za-z0-9._-]+$/ }).describe(
      `Key in the data of the ${kind}.`,
    ),
  });

const valueReferences = (what: string) => ({
  secretKeyRef: keyReference('Secret')
    .optional()
    .describe(`Takes ${what} from a Secret of this namespace. It is read when the server is ordered, not later.`),
  configMapKeyRef: keyReference('ConfigMap')
    .optional()
    .describe(`Takes ${what} from a ConfigMap of this namespace. It is read when the server is ordered, not later.`),
});

const KernelParam = constrained(
  z.strictObject({
    key: text({ min: 1, max: BOUNDS.kernelParamKey, pattern: /^[!-<>-~]+$/ }).describe(
      'Name of the parameter, the part before the equals sign, for instance siderolink.api or console. The same name may come more than once.',
    ),
    value: text({ max: BOUNDS.kernelParamValue, pattern: /^[ -~]*$/ })
      .optional()
      .describe(
        'Value of the parameter, readable by everyone who may read this object. Use valueFrom for a join token. Exactly one of value and valueFrom is set.',
      ),
    valueFrom: constrained(
      z.strictObject(valueReferences('the value')),
      exactlyOneOf(
        ['secretKeyRef', 'configMapKeyRef'],
        'set exactly one of secretKeyRef and configMapKeyRef in valueFrom',
      ),
    )
      .optional()
      .describe('Where the value comes from. Exactly one of secretKeyRef and configMapKeyRef is set.'),
  }),
  exactlyOneOf(['value', 'valueFrom'], 'set exactly one of value and valueFrom for each kernel parameter'),
);

const Partition = constrained(
  z.strictObject({
    target: text({
      min: 1,
      max: BOUNDS.partitionTarget,
      pattern: /^\/([A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*)?$/,
    }).describe('Mount point, for instance / or /boot.'),
    filesystem: z.enum(['ext2', 'ext3', 'ext4', 'xfs']).describe('File system to make on the partition.'),
    sizeMB: z
      .int()
      .min(1)
      .max(BOUNDS.partitionSizeMB)
      .optional()
      .describe('Size in megabytes. Exactly one of sizeMB and grow: true is set.'),
    grow: z
      .boolean()
      .optional()
      .describe('True: the partition takes what the others leave of the disk. One partition at most may grow.'),
  }),
  {
    cel: 'has(self.sizeMB) != (has(self.grow) && self.grow)',
    holds: ({ sizeMB, grow }) => (sizeMB !== undefined) !== (grow === true),
    message: 'set either sizeMB, or grow: true for the rest of the disk, for each partition',
  },
);

const OperatingSystem = constrained(
  z.strictObject({
    slug: text({ min: 1, max: BOUNDS.slug, pattern: /^[a-z0-9][a-z0-9._-]*$/ }).describe(
      "The vendor's name of the operating system, in lower case, for instance ubuntu-2404-lts, debian-12 or talos-omni-1123. custom-ipxe boots the script at ipxeScriptUrl.",
    ),
    kernelParams: atomicList(KernelParam, BOUNDS.kernelParams)
      .optional()
      .describe('Kernel parameters of the installation. Talos needs them to find its control plane.'),
    partitions: constrained(
      atomicList(Partition, BOUNDS.partitions),
      {
        cel: 'self.filter(partition, has(partition.grow) && partition.grow).size() <= 1',
        holds: (partitions) => partitions.filter(({ grow }) => grow === true).length <= 1,
        message: 'let one partition at most grow, and give the others a sizeMB',
      },
      {
        cel: 'self.all(one, self.exists_one(other, other.target == one.target))',
        holds: (partitions) => new Set(partitions.map(({ target }) => target)).size === partitions.length,
        message: 'use each target for one partition only',
      },
    )
      .optional()
      .describe(
        'Partitions of the first disk, for Linux only. Without them the vendor makes its own: /boot with 4096 MB, swap with 8192 MB and / with the rest.',
      ),
    ipxeScriptUrl: constrained(text({ min: 1, max: BOUNDS.url }), {
      cel: "self.matches('^https://[!-~]+$')",
      holds: (url) => /^https:\/\/[!-~]+$/.test(url),
      message: 'give an address that begins with https://, so that nobody between can change what the server boots',
    })
      .optional()
      .describe('Address (https) of the iPXE script to boot from. Set exactly when slug is custom-ipxe.'),
  }),
  {
    cel: `self.slug != '${CUSTOM_IPXE}' || has(self.ipxeScriptUrl)`,
    holds: ({ slug, ipxeScriptUrl }) => slug !== CUSTOM_IPXE || ipxeScriptUrl !== undefined,
    message: `set ipxeScriptUrl, for the slug ${CUSTOM_IPXE} boots from it, or choose another slug`,
  },
  {
    cel: `self.slug == '${CUSTOM_IPXE}' || !has(self.ipxeScriptUrl)`,
    holds: ({ slug, ipxeScriptUrl }) => slug === CUSTOM_IPXE || ipxeScriptUrl === undefined,
    message: `remove ipxeScriptUrl, which only the slug ${CUSTOM_IPXE} reads, or set slug to ${CUSTOM_IPXE}`,
  },
);

const SshKey = constrained(
  z.strictObject({
    publicKey: constrained(text({ min: 1, max: BOUNDS.publicKey }), ...PUBLIC_KEY_RULES)
      .optional()
      .describe('A public key on one line as OpenSSH writes it: ssh-ed25519 AAAA… comment. A private key is refused.'),
    uuid: text({ max: 36, pattern: UUID_PATTERN }).optional().describe('UUID of a key that is stored at the vendor.'),
    ...valueReferences('the public key'),
  }),
  exactlyOneOf(
    ['publicKey', 'uuid', 'secretKeyRef', 'configMapKeyRef'],
    'set exactly one of publicKey, uuid, secretKeyRef and configMapKeyRef for each ssh key',
  ),
);

const PostInstallScript = constrained(
  z.strictObject({
    inline: text({ min: 1, max: BOUNDS.script })
      .optional()
      .describe(
        'The script itself, readable by everyone who may read this object. Use secretKeyRef if it holds secrets.',
      ),
    ...valueReferences('the script'),
  }),
  exactlyOneOf(
    ['inline', 'secretKeyRef', 'configMapKeyRef'],
    'set exactly one of inline, secretKeyRef and configMapKeyRef in postInstallScript',
  ),
);

const UserTag = constrained(text({ min: 1, max: BOUNDS.tag, pattern: /^[A-Za-z0-9_:-]+$/ }), {
  cel: `!self.lowerAscii().startsWith('${OUR_TAG_PREFIX}')`,
  holds: (tag) => !tag.toLowerCase().startsWith(OUR_TAG_PREFIX),
  message: `choose a tag that does not begin with ${OUR_TAG_PREFIX}: by such tags the operator knows its servers`,
});

export const PROVISIONING_TIMEOUT_MIN = minutes(5);
export const PROVISIONING_TIMEOUT_MAX = hours(24);

const ProvisioningTimeout = constrained(text({ min: 1, max: BOUNDS.duration }), {
  cel: `self != '' && self.matches('${DURATION_PATTERN.source}') && duration(self) >= duration('5m') && duration(self) <= duration('24h')`,
  holds: (timeout) => {
    const length = parseDuration(timeout);
    return length !== undefined && length >= PROVISIONING_TIMEOUT_MIN && length <= PROVISIONING_TIMEOUT_MAX;
  },
  message: 'give a length of time between 5m and 24h, written like 45m or 1h30m',
});

/** What a user writes. Strict: a field that this version does not know is an error, for it may change what is ordered. */
export const FlexMetalServerSpec = z
  .strictObject({
    name: text({
      min: 1,
      max: BOUNDS.hostName,
      pattern: /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/,
    })
      .optional()
      .describe(
        'Name of the server at the vendor; on most operating systems its host name. Without it the name of this object is used. It need not be unique. Cannot change after the order.',
      ),
    location: vendorName().describe(
      'Where the server stands, by the vendor\'s name, for instance "EU: Rotterdam". Cannot change after the order.',
    ),
    instanceType: vendorName().describe(
      "The kind of machine, by the vendor's name, for instance bm7.std.8. Cannot change after the order.",
    ),
    os: OperatingSystem.describe('The operating system to install, and how. Cannot change after the order.'),
    sshKeys: atomicList(SshKey, BOUNDS.sshKeys)
      .optional()
      .describe(
        'Keys that may log in as root. The vendor wants at least one, except for Windows, Talos and custom-ipxe. Cannot change after the order.',
      ),
    postInstallScript: PostInstallScript.optional().describe(
      'Shell script that runs once after the installation, on Linux only. Cannot change after the order.',
    ),
    tags: textSet(UserTag, BOUNDS.specTags)
      .optional()
      .describe(
        "Tags of the server at the vendor, besides the operator's own: 1 to 64 letters, digits, underscores, colons or dashes each. May change at any time. A tag that somebody else put on the server stays.",
      ),
    contractId: text({ max: BOUNDS.contractId, pattern: /^[A-Z0-9_.-]*$/ })
      .optional()
      .describe(
        'Contract whose committed capacity the server uses. Without it the server is on demand. Cannot change after the order.',
      ),
    overflow: z
      .boolean()
      .optional()
      .describe(
        'True: when the capacity committed by contractId is used up, take the server on demand instead of failing. Cannot change after the order.',
      ),
    deletionPolicy: z
      .enum(['Release', 'Retain'])
      .default('Release')
      .describe(
        'What happens to the server when this object is deleted. Release: it is given back, which wipes it and ends its cost. Retain: it lives on and keeps costing money, with nobody to watch it. May change at any time.',
      ),
    deletionProtection: z
      .boolean()
      .optional()
      .describe(
        'True: when this object is deleted, its server stays and the deletion waits until this is set to false. May change at any time.',
      ),
    provisioningTimeout: ProvisioningTimeout.default('45m').describe(
      'How long the delivery may take before the object counts as stalled, between 5m and 24h, for instance 45m or 1h30m. Passing it orders nothing again, and a late delivery is still taken. May change at any time.',
    ),
  })
  .describe('What to rent. Nearly all of it is fixed by the order; until then it may be corrected.');
export type FlexMetalServerSpec = z.infer<typeof FlexMetalServerSpec>;
