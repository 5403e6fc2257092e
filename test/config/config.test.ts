import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { loadConfig, type Config } from '../../src/config.ts';
import { minutes, seconds } from '../../src/base/time.ts';

interface Given {
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly file?: string;
}

/** A machine with at most one file, at /etc/flexmetal.yaml. */
function load({ argv = [], env = {}, file }: Given) {
  return loadConfig({
    argv,
    env,
    readFile: (path) => {
      if (file !== undefined && path === '/etc/flexmetal.yaml') return file;
      throw Object.assign(new Error('no such file, canary-in-message'), { code: 'ENOENT' });
    },
  });
}

function configOf(given: Given): Config {
  const loaded = load(given);
  if (loaded.kind !== 'ok') throw new Error(loaded.kind === 'error' ? loaded.message : loaded.kind);
  return loaded.config;
}

function complaintsOf(given: Given): string {
  const loaded = load(given);
  return loaded.kind === 'error' ? loaded.message : `no complaint: ${loaded.kind}`;
}

const IN_FILE = ['--config', '/etc/flexmetal.yaml'];

test('without anything given, the defaults protect money', () => {
  expect(configOf({})).toEqual({
    apiUrl: 'https://api.i3d.net',
    tokenFile: '/var/run/secrets/flexmetal/token',
    requestTimeout: seconds(30),
    requestsPerSecond: 5,
    requestBurst: 10,
    mode: 'normal',
    orderTimeout: seconds(180),
    settleWindow: minutes(5),
    serversMax: 100,
    ordersPerHourMax: 30,
    pollIntervalMoving: seconds(15),
    pollIntervalStill: seconds(60),
    pageSize: 100,
    pagesMax: 200,
    namespaces: [],
    workers: 4,
    leaderElection: true,
    leaseName: 'flexmetal-operator',
    leaseDuration: seconds(15),
    leaseRenewDeadline: seconds(10),
    leaseRetryPeriod: seconds(2),
    shutdownGrace: seconds(200),
    logLevel: 'info',
    metricsAddress: { host: undefined, port: 8080 },
    healthAddress: { host: undefined, port: 8081 },
  });
});

describe('precedence', () => {
  const argv = ['run', '--workers=1'];
  const env = { FLEXMETAL_WORKERS: '2' };
  const file = 'workers: 3';
  test.each<[string, Given, number]>([
    ['a flag wins over everything', { argv: [...argv, ...IN_FILE], env, file }, 1],
    ['the environment wins over the file', { argv: IN_FILE, env, file }, 2],
    ['the file wins over the default', { argv: IN_FILE, file }, 3],
    ['the file may be named by the environment', { env: { FLEXMETAL_CONFIG: '/etc/flexmetal.yaml' }, file }, 3],
    ['an empty variable counts as not given', { env: { FLEXMETAL_WORKERS: '' } }, 4],
    ['a key without a value counts as not given', { argv: IN_FILE, file: 'workers:' }, 4],
    ['an empty file gives nothing', { argv: IN_FILE, file: '# nothing yet\n' }, 4],
  ])('%s', (_name, given, expected) => {
    expect(configOf(given).workers).toBe(expected);
  });
});

describe('forms', () => {
  test.each<[string, Given, Partial<Record<keyof Config, unknown>>]>([
    ['flag and value apart', { argv: ['--settle-window', '90s'] }, { settleWindow: seconds(90) }],
    ['a duration of several units', { argv: ['--settle-window=1h30m'] }, { settleWindow: minutes(90) }],
    ['milliseconds', { argv: ['--lease-retry-period=250ms'] }, { leaseRetryPeriod: 250 }],
    ['a toggle alone', { argv: ['--leader-election', '--workers=2'] }, { leaderElection: true, workers: 2 }],
    ['a toggle turned off', { argv: ['--no-leader-election'] }, { leaderElection: false }],
    ['a toggle with =', { argv: ['--leader-election=false'] }, { leaderElection: false }],
    ['a toggle with its value apart', { argv: ['--leader-election', 'false'] }, { leaderElection: false }],
    ['a toggle in YAML', { argv: IN_FILE, file: 'leaderElection: false' }, { leaderElection: false }],
    ['a list with commas', { argv: ['--namespaces=games, staging,games'] }, { namespaces: ['games', 'staging'] }],
    ['a list in YAML', { argv: IN_FILE, file: 'namespaces: [games, staging]' }, { namespaces: ['games', 'staging'] }],
    ['a number with a fraction', { argv: ['--requests-per-second=0.5'] }, { requestsPerSecond: 0.5 }],
    ['no brake is below zero, zero is one', { argv: ['--servers-max=0'] }, { serversMax: 0 }],
    ['an IPv6 address', { argv: ['--health-address=[::1]:0'] }, { healthAddress: { host: '::1', port: 0 } }],
    ['an IPv4 address', { argv: ['--health-address=127.0.0.1:9'] }, { healthAddress: { host: '127.0.0.1', port: 9 } }],
    [
      'a URL with a slash at the end',
      { argv: ['--api-url=https://api.example.com/'] },
      { apiUrl: 'https://api.example.com' },
    ],
    ['a collector', { argv: ['--tracing-endpoint=http://c:4318/'] }, { tracingEndpoint: 'http://c:4318' }],
    ['a collector below a path', { argv: ['--tracing-endpoint=http://c/otlp/'] }, { tracingEndpoint: 'http://c/otlp' }],
    ['http to this machine', { argv: ['--api-url=http://127.0.0.1:8443'] }, { apiUrl: 'http://127.0.0.1:8443' }],
    ['http to this machine by IPv6', { argv: ['--api-url=http://[::1]:8443'] }, { apiUrl: 'http://[::1]:8443' }],
    ['a cluster id in quotes', { argv: IN_FILE, file: 'clusterId: "012345678901"' }, { clusterId: '012345678901' }],
    [
      'a short settle window against an API on this machine',
      { argv: ['--api-url=http://localhost:1', '--settle-window=2s'] },
      { settleWindow: seconds(2) },
    ],
    [
      'variables of Services whose names begin like ours',
      {
        env: {
          FLEXMETAL_OPERATOR_SERVICE_HOST: '10.0.0.1',
          FLEXMETAL_OPERATOR_SERVICE_PORT: '8080',
          FLEXMETAL_OPERATOR_SERVICE_PORT_HTTP_METRICS: '8080',
          FLEXMETAL_OPERATOR_PORT: 'tcp://10.0.0.1:8080',
          FLEXMETAL_OPERATOR_PORT_8080_TCP: 'tcp://10.0.0.1:8080',
          FLEXMETAL_OPERATOR_PORT_8080_TCP_ADDR: '10.0.0.1',
        },
      },
      {},
    ],
  ])('%s', (_name, given, expected) => {
    expect(configOf(given)).toMatchObject(expected);
  });
});

describe('complaints name the key, the place and the way out', () => {
  test.each<[string, Given, readonly string[]]>([
    [
      'a duration without a unit',
      { argv: ['--settle-window', '5'] },
      ['settleWindow must be a duration with its unit', 'flag --settle-window: "5"', 'example: 5m'],
    ],
    [
      'a number in YAML where a duration belongs',
      { argv: IN_FILE, file: 'orderTimeout: 180' },
      ['orderTimeout must be a duration', 'file /etc/flexmetal.yaml: 180', 'example: 180s'],
    ],
    ['a duration out of bounds', { argv: ['--lease-duration=1s'] }, ['leaseDuration', 'from 2s to 10m']],
    [
      'a number that is none',
      { env: { FLEXMETAL_WORKERS: 'many' } },
      ['workers', 'environment FLEXMETAL_WORKERS: "many"'],
    ],
    ['a number out of bounds', { argv: ['--workers=0'] }, ['workers must be a whole number from 1 to 64']],
    ['a word outside the list', { argv: ['--mode=dry-run'] }, ['mode must be one of normal, observe']],
    ['http to another machine', { argv: ['--api-url=http://api.i3d.net'] }, ['apiUrl must be https://']],
    ['a host that only begins like loopback', { argv: ['--api-url=http://127.0.0.1.example.com'] }, ['apiUrl must be']],
    ['a URL with a password', { argv: ['--api-url=https://me:pw@api.i3d.net'] }, ['apiUrl must be']],
    [
      'a proxy of another kind',
      { argv: ['--proxy-url=socks5://proxy:1080'] },
      ['proxyUrl must be http:// or https://'],
    ],
    ['a proxy with a path', { argv: ['--proxy-url=http://proxy:3128/x'] }, ['proxyUrl must be http:// or https://']],
    ['a password that cannot be read', { argv: ['--proxy-url=http://me:%zz@proxy:3128'] }, ['proxyUrl must be', '%40']],
    [
      'a collector with a password',
      { argv: ['--tracing-endpoint=http://me:pw@collector'] },
      ['tracingEndpoint must be'],
    ],
    ['a collector without a scheme', { argv: ['--tracing-endpoint=collector:4318'] }, ['tracingEndpoint must be http']],
    ['a URL with a path', { argv: ['--api-url=https://api.i3d.net/v3'] }, ['apiUrl must be']],
    [
      'a cluster id that YAML read as a number',
      { argv: IN_FILE, file: 'clusterId: 123456789012' },
      ['in quotes in YAML'],
    ],
    ['a namespace that cannot be', { argv: ['--namespaces=Games'] }, ['namespaces must be names of namespaces']],
    [
      'a list with something else in it',
      { argv: IN_FILE, file: 'namespaces: [games, 5]' },
      ['namespaces must be names'],
    ],
    ['an address without a port', { argv: ['--metrics-address=localhost'] }, ['metricsAddress must be host:port']],
    ['a port that cannot be', { argv: ['--metrics-address=:65536'] }, ['metricsAddress must be host:port']],
    [
      'a flag that is misspelt',
      { argv: ['--setle-window=5m'] },
      ['unknown flag --setle-window; did you mean --settle-window?'],
    ],
    ['a variable that is misspelt', { env: { FLEXMETAL_LOG_LVL: 'debug' } }, ['did you mean FLEXMETAL_LOG_LEVEL?']],
    ['a key that is misspelt', { argv: IN_FILE, file: 'worker: 2' }, ['/etc/flexmetal.yaml', 'did you mean workers?']],
    ['a name like no other', { argv: ['--frobnicate'] }, ['unknown flag --frobnicate; help lists them all']],
    ['a flag without its value', { argv: ['--api-url'] }, ['--api-url needs a value; example: --api-url=https://']],
    ['a flag followed by a flag', { argv: ['--api-url', '--workers=2'] }, ['--api-url needs a value']],
    ['a flag given twice', { argv: ['--workers=1', '--workers=2'] }, ['workers is given by two flags']],
    ['a stray word', { argv: ['run', 'now'] }, ['argument 1 is neither a flag']],
    [
      'an unknown command',
      { argv: ['serve'] },
      ['unknown command; commands are run, check, simulator, version and help'],
    ],
    ['a file that is not there', { argv: ['--config=/nowhere'] }, ['/nowhere', 'flag --config', 'ENOENT']],
    ['a file that is not YAML', { argv: IN_FILE, file: 'workers: [' }, ['is not YAML', 'line 1']],
    ['a file that is a list', { argv: IN_FILE, file: '- workers' }, ['must hold settings']],
    ['a file of several documents', { argv: IN_FILE, file: 'workers: 1\n---\nworkers: 2' }, ['one YAML document']],
    ['a key that stands twice', { argv: IN_FILE, file: 'workers: 1\nworkers: 2' }, ['is not YAML', 'duplicate']],
    [
      'a grace that would cut an order off',
      { argv: ['--shutdown-grace=60s'] },
      ['shutdownGrace must not be shorter than orderTimeout'],
    ],
    ['polls the wrong way round', { argv: ['--poll-interval-moving=2m'] }, ['pollIntervalMoving must not be longer']],
    [
      'a leader that outlives its lease',
      { argv: ['--lease-renew-deadline=15s'] },
      ['leaseRenewDeadline must be shorter'],
    ],
    ['half a second of lease', { argv: ['--lease-duration=15500ms'] }, ['leaseDuration must be whole seconds']],
    ['a lease without margin', { argv: ['--lease-renew-deadline=14s'] }, ['leaseRenewDeadline must be 2 s shorter']],
    ['one try to renew', { argv: ['--lease-retry-period=6s'] }, ['leaseRetryPeriod must be at most half']],
    [
      'a short settle window against a real API',
      { argv: ['--settle-window=30s'] },
      ['settleWindow must be at least 60 s'],
    ],
  ])('%s', (_name, given, parts) => {
    const complaints = complaintsOf(given);
    for (const part of parts) expect(complaints).toContain(part);
  });

  test('all of them come at once', () => {
    const complaints = complaintsOf({ argv: ['--workers=0', '--nonsense=1'], env: { FLEXMETAL_MODE: 'x' } });
    expect(complaints.split('\n')).toHaveLength(5);
  });
});

describe('a token is never taken and never repeated', () => {
  const TOKEN = 'canary-3f9a7c';
  test.each<[string, Given]>([
    ['in the environment', { env: { FLEXMETAL_TOKEN: TOKEN } }],
    ['in the environment under the name of the API', { env: { FLEXMETAL_API_KEY: TOKEN } }],
    ['as a flag', { argv: [`--token=${TOKEN}`] }],
    ['as a flag, value apart', { argv: ['--token', TOKEN] }],
    ['in the file', { argv: IN_FILE, file: `token: ${TOKEN}` }],
  ])('%s', (_name, given) => {
    const complaints = complaintsOf(given);
    expect(complaints).toContain('the token is read from a file only');
    expect(complaints).toContain('--token-file');
    expect(complaints).not.toContain(TOKEN);
  });

  test.each<[string, Given]>([
    ['where its path belongs', { argv: [`--token-file=${TOKEN}`] }],
    ['behind an unknown flag', { argv: ['--tken', TOKEN] }],
    ['as a command', { argv: [TOKEN] }],
    ['as a stray word', { argv: ['run', TOKEN] }],
    ['in a file that is no configuration', { argv: IN_FILE, file: TOKEN }],
    ['in a file that is broken', { argv: IN_FILE, file: `a: [${TOKEN}` }],
  ])('pasted in by mistake %s', (_name, given) => {
    const complaints = complaintsOf(given);
    expect(complaints).toContain('The configuration is wrong');
    expect(complaints).not.toContain(TOKEN);
  });
});

describe('the URL of a proxy', () => {
  test.each<[string, Given]>([
    ['as a flag', { argv: ['--proxy-url=http://me:canary-1@proxy:3128'] }],
    ['in the environment', { env: { FLEXMETAL_PROXY_URL: 'http://me:canary-1@proxy:3128' } }],
    ['in the file', { argv: IN_FILE, file: 'proxyUrl: http://me:canary-1@proxy:3128/' }],
  ])('%s may hold a password, which does not show', (_name, given) => {
    const { proxyUrl } = configOf(given);
    expect(proxyUrl?.reveal()).toBe('http://me:canary-1@proxy:3128/');
    expect(`${JSON.stringify(configOf(given))} ${inspect(configOf(given))}`).not.toContain('canary');
  });

  test('is not repeated when it is wrong', () => {
    const complaints = complaintsOf({ argv: ['--proxy-url=ftp://me:canary-1@proxy:3128'] });
    expect(complaints).toContain('flag --proxy-url)');
    expect(complaints).not.toContain('canary');
  });
});

describe('commands', () => {
  test.each([
    [['version'], { kind: 'version' }],
    [['--version'], { kind: 'version' }],
    [['simulator', '--port', '1'], { kind: 'simulator', argv: ['--port', '1'] }],
  ])('%s', (argv, expected) => {
    expect(load({ argv })).toEqual(expected);
  });

  test.each([[['help']], [['--help']], [['-h']], [['run', '--help']]])('%s gives the help', (argv) => {
    expect(load({ argv })).toMatchObject({ kind: 'help' });
  });

  test('help works although the configuration is wrong', () => {
    expect(load({ argv: ['--help'], env: { FLEXMETAL_MODE: 'x' } })).toMatchObject({ kind: 'help' });
  });
});
