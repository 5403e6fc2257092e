import { YAMLException, loadAll } from 'js-yaml';
import { assertNever } from '../base/assert-never.ts';
import { nearest } from './nearest.ts';
import type { Setting, SettingKey } from './settings.ts';
import { SETTINGS } from './settings.ts';

/** A value as it was written, and where. */
export interface Raw {
  readonly value: unknown;
  /** For errors: `flag --settle-window`. */
  readonly from: string;
}

/** What one source gave, and what was wrong with it. */
export interface Source {
  readonly values: ReadonlyMap<SettingKey, Raw>;
  readonly complaints: readonly string[];
}

export const CONFIG_FLAG = '--config';
export const CONFIG_VARIABLE = 'FLEXMETAL_CONFIG';

const TOKEN_ADVICE =
  'the token is read from a file only; put it into a file and name that with --token-file (FLEXMETAL_TOKEN_FILE, tokenFile)';

const BY_FLAG: ReadonlyMap<string, Setting> = new Map(SETTINGS.map((setting) => [setting.flag, setting]));
const BY_VARIABLE: ReadonlyMap<string, Setting> = new Map(SETTINGS.map((setting) => [setting.variable, setting]));
const BY_KEY: ReadonlyMap<string, Setting> = new Map(SETTINGS.map((setting) => [setting.key, setting]));

/**
 * Reads `--name value`, `--name=value` and, for toggles, also `--name` and `--no-name`.
 * Values never show up in complaints: what stands at the wrong place may be a token.
 */
export function fromFlags(argv: readonly string[]): Source & { readonly file: Raw | undefined } {
  const values = new Map<SettingKey, Raw>();
  const complaints: string[] = [];
  let file: Raw | undefined;
  for (let at = 0; at < argv.length;) {
    const flag = readFlag(argv, at);
    at += flag.length;
    switch (flag.kind) {
      case 'wrong':
        complaints.push(flag.complaint);
        break;
      case 'file':
        file = flag.raw;
        break;
      case 'setting':
        if (values.has(flag.key)) complaints.push(`${flag.key} is given by two flags; give it once`);
        values.set(flag.key, flag.raw);
        break;
      default:
        assertNever(flag, 'flag');
    }
  }
  return { values, complaints, file };
}

/** One flag with its value. `length`: how many arguments it takes. */
type Flag = { readonly length: number } & (
  | { readonly kind: 'setting'; readonly key: SettingKey; readonly raw: Raw }
  | { readonly kind: 'file'; readonly raw: Raw }
  | { readonly kind: 'wrong'; readonly complaint: string }
);

function readFlag(argv: readonly string[], at: number): Flag {
  const [name, inline] = splitOnce(argv[at] ?? '', '=');
  if (!name.startsWith('--')) {
    const complaint = `argument ${at + 1} is neither a flag nor the value of one; flags look like --api-url=<url>`;
    return { kind: 'wrong', length: 1, complaint };
  }
  const next = argv[at + 1]?.startsWith('--') === true ? undefined : argv[at + 1];
  const value = inline ?? next;
  const length = inline === undefined && next !== undefined ? 2 : 1;
  const from = `flag ${name}`;
  const toggle = BY_FLAG.get(name.replace(/^--no-/, '--'));
  if (toggle?.isToggle === true && inline === undefined && (name !== toggle.flag || !isTruthWord(next))) {
    return { kind: 'setting', length: 1, key: toggle.key, raw: { value: name === toggle.flag, from } };
  }
  const setting = BY_FLAG.get(name);
  if (setting === undefined && name !== CONFIG_FLAG) {
    return { kind: 'wrong', length, complaint: unknownName('flag', name, [...BY_FLAG.keys(), CONFIG_FLAG]) };
  }
  if (value === undefined) {
    const complaint = `${name} needs a value; example: ${name}=${setting?.example ?? '/etc/flexmetal/config.yaml'}`;
    return { kind: 'wrong', length, complaint };
  }
  const raw = { value, from };
  return setting === undefined ? { kind: 'file', length, raw } : { kind: 'setting', length, key: setting.key, raw };
}

const isTruthWord = (text: string | undefined): boolean => text === 'true' || text === 'false';

/** Reads FLEXMETAL_*. An empty variable counts as not set, as charts like to write them. */
export function fromEnvironment(env: Readonly<Record<string, string | undefined>>): Source {
  const values = new Map<SettingKey, Raw>();
  const complaints: string[] = [];
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith('FLEXMETAL_') || name === CONFIG_VARIABLE || value === undefined || value === '') continue;
    const setting = BY_VARIABLE.get(name);
    if (setting !== undefined) values.set(setting.key, { value, from: `environment ${name}` });
    else if (!isServiceLink(name)) {
      complaints.push(unknownName('environment variable', name, [...BY_VARIABLE.keys(), CONFIG_VARIABLE]));
    }
  }
  return { values, complaints };
}

/** Kubernetes puts such variables into every pod for each Service of its namespace, also for one whose name begins with "flexmetal". */
const isServiceLink = (name: string): boolean =>
  /_SERVICE_(?:HOST|PORT(?:_[A-Z0-9_]+)?)$|_PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?$/.test(name);

/** Reads the YAML file: one mapping, keys in camelCase. A key without a value counts as not set. */
export function fromFile(path: string, text: string): Source {
  const document = parseYaml(path, text);
  if (document.kind === 'broken') return { values: new Map(), complaints: [document.complaint] };
  const values = new Map<SettingKey, Raw>();
  const complaints: string[] = [];
  for (const [name, value] of document.entries) {
    const setting = BY_KEY.get(name);
    if (setting === undefined) complaints.push(unknownName(`key in ${path}:`, name, [...BY_KEY.keys()]));
    else if (value !== null) values.set(setting.key, { value, from: `file ${path}` });
  }
  return { values, complaints };
}

type Document =
  | { readonly kind: 'entries'; readonly entries: readonly (readonly [string, unknown])[] }
  | { readonly kind: 'broken'; readonly complaint: string };

function parseYaml(path: string, text: string): Document {
  try {
    // loadAll, because load takes a file that holds nothing but comments for an error.
    const [document, ...more]: unknown[] = loadAll(text);
    if (more.length > 0) return { kind: 'broken', complaint: `${path} must hold one YAML document, without ---` };
    if (document === null || document === undefined) return { kind: 'entries', entries: [] };
    if (typeof document === 'object' && !Array.isArray(document))
      return { kind: 'entries', entries: Object.entries(document) };
    return { kind: 'broken', complaint: `${path} must hold settings, one a line; example: logLevel: debug` };
  } catch (error) {
    // Not its message: that quotes the file, which may be the wrong one.
    const where = error instanceof YAMLException ? `: ${error.reason}${lineOf(error)}` : '';
    return { kind: 'broken', complaint: `${path} is not YAML${where}` };
  }
}

function lineOf(error: YAMLException): string {
  return error.mark === undefined ? '' : ` (line ${error.mark.line + 1})`;
}

function unknownName(what: string, name: string, names: readonly string[]): string {
  if (/^(?:--|FLEXMETAL_)?(?:api[-_]?)?(?:private[-_]?)?(?:token|key)$/i.test(name))
    return `${what} ${name}: ${TOKEN_ADVICE}`;
  const near = nearest(name, names);
  return `unknown ${what} ${name}${near === undefined ? '; help lists them all' : `; did you mean ${near}?`}`;
}

function splitOnce(text: string, separator: string): readonly [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
