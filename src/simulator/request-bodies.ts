import * as z from 'zod';
import { ERROR_CODE } from './error-codes.ts';
import type { Answer, Problem } from './replies.ts';
import { refusal } from './replies.ts';

/** The vendor's pattern of a tag. */
export const TAG = /^[A-Za-z0-9_:-]{1,64}$/;

/** As in JSON Schema: also beyond what JavaScript counts exactly. */
const Integer = z.number().refine(Number.isInteger, 'This value should be an integer.');

const OperatingSystemRequest = z.strictObject({
  slug: z.string(),
  kernelParams: z.array(z.strictObject({ key: z.string(), value: z.string() })).optional(),
  partitions: z
    .array(z.strictObject({ target: z.string(), filesystem: z.enum(['ext2', 'ext3', 'ext4', 'xfs']), size: Integer }))
    .optional(),
  ipxeScriptUrl: z.string().optional(),
});

/** An order. Written down anew here, not shared with the operator's client: a slip there must not be repeated by its judge. */
export const OrderBody = z.strictObject({
  name: z.string(),
  location: z.string(),
  instanceType: z.string(),
  os: OperatingSystemRequest,
  /** Required by the document; the vendor's own client leaves it out for systems that need no key. */
  sshKey: z.array(z.string()).optional(),
  postInstallScript: z.string().optional(),
  tags: z.array(z.string().regex(TAG)).max(60).optional(),
  contractId: z
    .string()
    .regex(/^[A-Z0-9_\-.]{0,240}$/)
    .optional(),
  overflow: z.boolean().optional(),
});
export type OrderBody = z.infer<typeof OrderBody>;

const Summary = z.strictObject({ count: Integer, flexMetalServers: z.strictObject({ count: Integer }) });

/** `resources` is read-only; the vendor's own client sends it all the same, so it is taken and ignored. */
export const TagBody = z.strictObject({ tag: z.string(), resources: Summary.optional() });

export const SshKeyBody = z.strictObject({
  uuid: z.uuid().optional(),
  name: z.string(),
  publicKey: z.string(),
  createdAt: Integer.optional(),
});

export type Parsed<T> =
  | { readonly kind: 'read'; readonly value: T }
  | { readonly kind: 'refused'; readonly answer: Answer };

/**
 * Reads a body.
 * @param status what a body of the wrong shape is answered with: the operations document different ones
 */
export function readBody<T>(schema: z.ZodType<T>, body: string | undefined, status: number): Parsed<T> {
  const json = parseJson(body);
  if (json === undefined)
    return { kind: 'refused', answer: refusal(status, ERROR_CODE.invalidBody, 'Invalid request body') };
  const parsed = schema.safeParse(json.value);
  if (parsed.success) return { kind: 'read', value: parsed.data };
  return {
    kind: 'refused',
    answer: refusal(status, ERROR_CODE.invalidBody, 'Invalid request body', parsed.error.issues.map(problemOf)),
  };
}

const problemOf = (issue: z.core.$ZodIssue): Problem => ({
  property: issue.path.map(String).join('.'),
  message: issue.message,
});

function parseJson(body: string | undefined): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(body ?? '') };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const PUBLIC_KEY =
  /^(?:ssh-(?:rsa|ed25519|dss)|ecdsa-sha2-nistp(?:256|384|521)|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com) [A-Za-z0-9+/]+={0,3}(?: .*)?$/;

/** One line in the form of OpenSSH. */
export const isPublicKey = (text: string): boolean => PUBLIC_KEY.test(text.trim());
