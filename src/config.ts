import type * as z from 'zod';
import { configurationTable, helpText } from './config/documentation.ts';
import type { Config, Setting, SettingKey } from './config/settings.ts';
import { SETTINGS, Settings } from './config/settings.ts';
import type { Raw } from './config/sources.ts';
import { CONFIG_VARIABLE, fromEnvironment, fromFile, fromFlags } from './config/sources.ts';

export { configurationTable };
export type { Config };

/** What the command line asks for. */
export type Loaded =
  | { readonly kind: 'ok'; readonly config: Config }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'version' }
  /** The simulator has flags of its own: the rest of the command line. */
  | { readonly kind: 'simulator'; readonly argv: readonly string[] }
  /** So has `check`, besides those of the operator. */
  | { readonly kind: 'check'; readonly argv: readonly string[] }
  /** For people, may have several lines: what is wrong, where it was given, what would be right. */
  | { readonly kind: 'error'; readonly message: string };

/**
 * Reads the configuration: flag before environment before file before default. All complaints come at once.
 * @param from.argv without the program's name
 * @param from.readFile the text of a file; throws when there is none
 */
export function loadConfig(from: {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: (path: string) => string;
}): Loaded {
  const [first, ...rest] = from.argv;
  if (first === 'simulator') return { kind: 'simulator', argv: rest };
  if (first === 'check') return { kind: 'check', argv: rest };
  if (first === 'version' || from.argv.includes('--version')) return { kind: 'version' };
  if (first === 'help' || from.argv.includes('--help') || from.argv.includes('-h'))
    return { kind: 'help', text: helpText() };
  if (first !== undefined && first !== 'run' && !first.startsWith('-')) {
    return failure(['unknown command; commands are run, check, simulator, version and help']);
  }
  return loadSettings(first === 'run' ? rest : from.argv, from.env, from.readFile);
}

function loadSettings(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
): Loaded {
  const flags = fromFlags(argv);
  const environment = fromEnvironment(env);
  const file = readSettingsFile(flags.file ?? fileOfEnvironment(env), readFile);
  const raw = new Map([...file.values, ...environment.values, ...flags.values]);
  const parsed = Settings.safeParse(Object.fromEntries([...raw].map(([key, { value }]) => [key, value])));
  const complaints = [
    ...flags.complaints,
    ...environment.complaints,
    ...file.complaints,
    ...(parsed.error?.issues ?? []).map((issue) => describe(issue, raw)),
  ];
  return parsed.success && complaints.length === 0 ? { kind: 'ok', config: parsed.data } : failure(complaints);
}

function fileOfEnvironment(env: Readonly<Record<string, string | undefined>>): Raw | undefined {
  const value = env[CONFIG_VARIABLE];
  return value === undefined || value === '' ? undefined : { value, from: `environment ${CONFIG_VARIABLE}` };
}

function readSettingsFile(file: Raw | undefined, readFile: (path: string) => string): ReturnType<typeof fromFile> {
  if (file === undefined) return { values: new Map(), complaints: [] };
  const path = String(file.value);
  try {
    return fromFile(path, readFile(path));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    return { values: new Map(), complaints: [`cannot read the file ${path} named by ${file.from}${code}`] };
  }
}

function describe(issue: z.core.$ZodIssue, raw: ReadonlyMap<SettingKey, Raw>): string {
  const setting = SETTINGS.find(({ key }) => key === issue.path[0]);
  if (setting === undefined) return issue.message;
  const given = raw.get(setting.key);
  const where =
    given === undefined ? `default ${setting.fallback ?? ''}` : `${given.from}${shown(setting, given.value)}`;
  return `${setting.key} ${issue.message} (${where}); example: ${setting.example}`;
}

const SHOWN_MAX = 60;

function shown(setting: Setting, value: unknown): string {
  if (!setting.printable) return '';
  return `: ${(JSON.stringify(value) ?? 'nothing').slice(0, SHOWN_MAX)}`;
}

function failure(complaints: readonly string[]): Loaded {
  const lines = complaints.map((complaint) => `  ${complaint}`);
  return {
    kind: 'error',
    message: ['The configuration is wrong:', ...lines, 'flexmetal-operator help lists all settings.'].join('\n'),
  };
}
