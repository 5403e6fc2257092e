import { posix } from 'node:path';
import { parseAst } from 'vitest/node';

/** A file as the checker sees it: its path from the project's root, with slashes, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

export interface Room {
  /** Rooms it may import from, besides itself. */
  readonly rooms: readonly string[];
  /** Packages it may import; every room but the pure ones may import any. */
  readonly packages?: readonly string[];
  /** No clock, no random, no IO, no await. */
  readonly pure?: true;
}

const ADAPTERS = ['kube', 'flexmetal', 'observability'];
const PURE = ['core', 'resources', 'base'];

/**
 * Which room may import which, the table of the design. `main` is src/main.ts with src/main/, the root, which may import everything;
 * `config` is src/config.ts with src/config/.
 */
export const ROOMS: Readonly<Record<string, Room>> = {
  base: { rooms: [], packages: [], pure: true },
  resources: { rooms: ['base'], packages: ['zod'], pure: true },
  core: { rooms: ['resources', 'base'], packages: [], pure: true },
  runtime: { rooms: ['base'], packages: [] },
  flexmetal: { rooms: ['core', 'resources', 'base'] },
  kube: { rooms: ['core', 'resources', 'base'] },
  observability: { rooms: ['core', 'resources', 'base'] },
  controllers: { rooms: [...ADAPTERS, ...PURE] },
  autoscaler: { rooms: ['kube', 'observability', ...PURE] },
  simulator: { rooms: ['base'] },
  cli: { rooms: ['kube', ...PURE] },
  config: { rooms: ['resources', 'base'], packages: ['zod', 'js-yaml'] },
  main: { rooms: ['controllers', 'autoscaler', 'simulator', 'cli', 'config', 'runtime', ...ADAPTERS, ...PURE] },
};

/** Single files that may import what their room may not, with the reason. */
const EXCEPTIONS: readonly { readonly from: RegExp; readonly to: RegExp; readonly why: string }[] = [
  { from: /^src\/base\/hash\.ts$/, to: /^node:crypto$/, why: 'a hash is a pure function' },
  {
    from: /^src\/(?:core|resources)\//,
    to: /^node:net$/,
    why: 'isIP is a pure function; nothing else of it may be imported',
  },
  { from: /^src\/simulator\//, to: /^src\/flexmetal\/wire\.ts$/, why: 'the simulator answers in the words of the API' },
  { from: /^src\/main\/ports\.ts$/, to: /^package\.json$/, why: 'it says the version, and a bundle takes it in' },
  { from: /^src\/(?:simulator|cli)\/(?:main|cli|config)\.ts$/, to: /^src\/runtime\//, why: 'it is a root of its own' },
];

/** A clock, a timer, randomness and the way out: never outside src/runtime, for tests could not govern them. */
const NOT_OUTSIDE_RUNTIME = new Set([
  'Date.now',
  'new Date()',
  'Date()',
  'performance',
  'Math.random',
  'crypto.randomUUID',
  'crypto.getRandomValues',
  'randomUUID',
  'randomBytes',
  'randomInt',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'AbortSignal.timeout',
  'process.hrtime',
]);

/** In pure rooms besides: what reads or changes the world, and what waits. */
const NOT_IN_PURE_ROOMS = new Set([
  'process',
  'globalThis',
  'fetch',
  'queueMicrotask',
  'Promise',
  'async',
  'await',
  'import()',
]);
/** src/base declares interfaces of shells (Clock, sleep), which need the word Promise; it runs none by itself. */
const PROMISE_ALLOWED = new Set(['src/base/clock.ts']);

/** Everything that is wrong with the sources, one sentence each; empty when nothing is. */
export function violationsOf(files: readonly SourceFile[]): readonly string[] {
  return files.filter(({ path }) => path.startsWith('src/') && path.endsWith('.ts')).flatMap(violationsOfFile);
}

function violationsOfFile(file: SourceFile): readonly string[] {
  const roomName = roomOf(file.path);
  const room = ROOMS[roomName];
  if (room === undefined)
    return [`${file.path}: src/${roomName} is no room of the table; add it to test/architecture/checker.ts`];
  const { imports, uses } = factsOf(file);
  return [
    ...imports.flatMap((to) => importViolation(file, roomName, room, to)),
    ...[...uses].flatMap((use) => useViolation(file, roomName, room, use)),
  ];
}

function importViolation(file: SourceFile, roomName: string, room: Room, to: Import): readonly string[] {
  const target = to.from.startsWith('.') ? posix.join(posix.dirname(file.path), to.from) : to.from;
  if (EXCEPTIONS.some((exception) => exception.from.test(file.path) && exception.to.test(target))) {
    const others = target === 'node:net' ? to.names.filter((name) => name !== 'isIP') : [];
    return others.map((name) => `${file.path}: imports ${name} from node:net; only isIP is a pure function`);
  }
  if (!to.from.startsWith('.')) return packageViolation(file, roomName, room, to.from);
  const targetRoom = roomOf(target);
  if (targetRoom === roomName || room.rooms.includes(targetRoom)) return [];
  return [`${file.path}: src/${roomName} may not import src/${targetRoom} (${to.from})`];
}

function packageViolation(file: SourceFile, roomName: string, room: Room, name: string): readonly string[] {
  if (name.startsWith('node:'))
    return room.pure === true ? [`${file.path}: src/${roomName} is pure and may not import ${name}`] : [];
  if (room.packages === undefined || room.packages.includes(packageOf(name))) return [];
  return [`${file.path}: src/${roomName} may not import the package ${name}`];
}

const packageOf = (name: string): string => name.split('/', name.startsWith('@') ? 2 : 1).join('/');

function useViolation(file: SourceFile, roomName: string, room: Room, use: string): readonly string[] {
  if (use.startsWith('console.'))
    return [`${file.path}: uses ${use}; output goes through the logger or a stream given to it`];
  if (NOT_OUTSIDE_RUNTIME.has(use) && roomName !== 'runtime') {
    return [`${file.path}: uses ${use}; take a Clock or Random as parameter (only src/runtime has the machine's own)`];
  }
  if (room.pure === true && NOT_IN_PURE_ROOMS.has(use) && !(use === 'Promise' && PROMISE_ALLOWED.has(file.path))) {
    return [`${file.path}: uses ${use}; src/${roomName} is pure: no IO, no await`];
  }
  return [];
}

/** `src/core/server/decide.ts` → core, `src/config.ts` and `src/config/values.ts` → config. */
function roomOf(path: string): string {
  const [root = '', first = ''] = path.split('/');
  // test/core is no part of src/core: whatever lies outside src is a room that nothing may import.
  return root === 'src' ? first.replace(/\.ts$/, '') : `../${root}`;
}

interface Import {
  readonly from: string;
  /** The imported names; empty for a whole module. */
  readonly names: readonly string[];
}

interface Facts {
  readonly imports: readonly Import[];
  readonly uses: ReadonlySet<string>;
}

interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'type' in value;

/** Reads the syntax tree, so that comments and texts cannot deceive it. */
function factsOf(file: SourceFile): Facts {
  const imports: Import[] = [];
  const uses = new Set<string>();
  visit(parseAst(file.text, { lang: 'ts' }, file.path));
  return { imports, uses };

  function visit(value: unknown): void {
    if (Array.isArray(value)) value.forEach(visit);
    if (!isNode(value)) return;
    note(value);
    for (const [name, child] of Object.entries(value)) if (!isOnlyAName(value, name)) visit(child);
  }

  function note(node: Node): void {
    const from = isNode(node['source']) ? node['source']['value'] : undefined;
    if (typeof from === 'string') imports.push({ from, names: importedNames(node) });
    if (node.type === 'ImportExpression') uses.add('import()');
    if (node.type === 'AwaitExpression' || (node.type === 'ForOfStatement' && node['await'] === true))
      uses.add('await');
    if (node['async'] === true) uses.add('async');
    if (node.type === 'NewExpression' && nameOf(node['callee']) === 'Date' && isEmpty(node['arguments']))
      uses.add('new Date()');
    if (node.type === 'CallExpression' && nameOf(node['callee']) === 'Date') uses.add('Date()');
    const name = nameOf(node);
    if (name !== undefined) uses.add(name.replace(/^globalThis\./, ''));
  }
}

/** `a.b` has the name b and `{ b: 1 }` too, but neither uses a variable b. */
function isOnlyAName(node: Node, field: string): boolean {
  const computed = node['computed'] === true;
  if (node.type === 'MemberExpression') return field === 'property' && !computed;
  if (field === 'key') return !computed && node['shorthand'] !== true;
  return false;
}

/** `Date`, `Date.now`, `globalThis.setTimeout`; undefined for anything longer or made at run time. */
function nameOf(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  if (node.type === 'Identifier') return String(node['name']);
  if (node.type !== 'MemberExpression') return undefined;
  const object = nameOf(node['object']);
  const property = propertyOf(node);
  return object === undefined || property === undefined ? undefined : `${object}.${property}`;
}

function propertyOf(member: Node): string | undefined {
  const property = member['property'];
  if (!isNode(property)) return undefined;
  if (member['computed'] !== true) return String(property['name']);
  return property.type === 'Literal' ? String(property['value']) : undefined;
}

function importedNames(node: Node): readonly string[] {
  const specifiers: unknown = node['specifiers'];
  if (!Array.isArray(specifiers)) return [];
  return specifiers.filter(isNode).flatMap((specifier) => nameOf(specifier['imported']) ?? []);
}

const isEmpty = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

/** Where a kind of object has its folder in each room. */
export interface KindFolders {
  readonly kind: string;
  readonly resources: string;
  readonly core: string;
  readonly controllers: string;
}

export const KINDS: readonly KindFolders[] = [
  { kind: 'FlexMetalServer', resources: 'flexmetalserver', core: 'server', controllers: 'server' },
];

/** Folders that all kinds share. */
const NOT_A_KIND = new Set(['core/model', 'resources/schema']);

/** A kind is a folder in resources, core and controllers and a line in the registry, or nothing at all. */
export function kindViolationsOf(files: readonly SourceFile[], kinds: readonly KindFolders[]): readonly string[] {
  const folders = new Set(files.map(({ path }) => path.split('/').slice(1, 3).join('/')));
  const registry = files.find(({ path }) => path === 'src/controllers/registry.ts');
  const registered = new Set(
    registry === undefined ? [] : factsOf(registry).imports.map(({ from }) => from.split('/')[1]),
  );
  const missing = kinds.flatMap((kind) => [
    ...(['resources', 'core', 'controllers'] as const)
      .map((room) => `${room}/${kind[room]}`)
      .filter((folder) => !folders.has(folder))
      .map((folder) => `${kind.kind}: there is no folder src/${folder}`),
    ...(registered.has(kind.controllers)
      ? []
      : [`${kind.kind}: src/controllers/registry.ts imports nothing of ./${kind.controllers}/`]),
  ]);
  const known = new Set(
    kinds.flatMap((kind) => [`resources/${kind.resources}`, `core/${kind.core}`, `controllers/${kind.controllers}`]),
  );
  const unknown = [...folders]
    .filter(
      (folder) =>
        /^(?:resources|core|controllers)\/[^.]+$/.test(folder) && !known.has(folder) && !NOT_A_KIND.has(folder),
    )
    .map((folder) => `src/${folder} belongs to no kind of the list in test/architecture/checker.ts`);
  return [...missing, ...unknown];
}

/** Lock files and mirrors change; a host in a file would tie the project to one. Written apart, so that this file names none. */
const REGISTRY_HOSTS = [
  ['registry', 'npmjs', 'org'],
  ['registry', 'yarnpkg', 'com'],
  ['npm', 'pkg', 'github', 'com'],
  ['proxy', 'golang', 'org'],
  ['sum', 'golang', 'org'],
].map((parts) => parts.join('.'));

export function hostViolationsOf(files: readonly SourceFile[]): readonly string[] {
  return files.flatMap(({ path, text }) =>
    REGISTRY_HOSTS.filter((host) => text.includes(host)).map(
      (host) => `${path}: names the host of a package registry (${host.split('.')[1]})`,
    ),
  );
}

/** Files of src with more lines than that, with the count. */
export function longFilesOf(files: readonly SourceFile[], linesMax: number): readonly string[] {
  return files
    .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
    .filter(({ path, lines }) => path.startsWith('src/') && lines > linesMax)
    .map(({ path, lines }) => `${path} has ${lines} lines; is it one idea?`);
}
