import { parseArgs } from 'node:util';
import { controlPlaneBinaries } from '../test/support/cluster/binaries.ts';
import { startControlPlane } from '../test/support/cluster/control-plane.ts';

const HELP = `Usage: npm run control-plane -- [options]

Starts a real etcd and kube-apiserver on this machine and runs until Ctrl-C; then nothing of it is left. There is no
controller manager and no scheduler: objects are stored, validated and watched, pods never run.
Where the two programs come from, the first that works: KUBEBUILDER_ASSETS, the cache folder, the official envtest
archive, Go modules (some minutes, once).

Options:
  --port <number>   Port of the API server on 127.0.0.1. Default: a free one.
  --dir <folder>    Keep data, certificates and logs here. Default: a temporary folder that goes at the end.
  --fetch           Only get the programs, say where they are, and end.
  --help            This text.

Standard output carries one line for the shell, export KUBECONFIG=…; everything else goes to standard error.`;

const log = (line: string): void => void process.stderr.write(`${line}\n`);
process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv);
  if (typeof options === 'string') {
    log(options);
    return 2;
  }
  if (options.help === true) {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  try {
    const binaries = await controlPlaneBinaries({ log });
    if (options.fetch === true) {
      log(`etcd and kube-apiserver come from ${binaries.source}`);
      return 0;
    }
    const { port, dir } = options;
    // Asked for before the start: a Ctrl-C while it starts must end it as well.
    const stop = firstSignal();
    const controlPlane = await startControlPlane({
      log,
      binaries,
      ...(port === undefined ? {} : { port: Number(port) }),
      ...(dir === undefined ? {} : { dir }),
    });
    process.stdout.write(`export KUBECONFIG=${controlPlane.kubeconfigPath}\n`);
    log('running; Ctrl-C ends it');
    await stop;
    log('stopping');
    await controlPlane.stop();
    return 0;
  } catch (error) {
    log(error instanceof Error ? error.message : String(error));
    return 1;
  }
}

interface Options {
  readonly port?: string | undefined;
  readonly dir?: string | undefined;
  readonly fetch?: boolean | undefined;
  readonly help?: boolean | undefined;
}

/** @returns the complaint when the options cannot be used */
function readOptions(argv: readonly string[]): Options | string {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        port: { type: 'string' },
        dir: { type: 'string' },
        fetch: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    const port = Number(values.port ?? 1);
    if (!Number.isInteger(port) || port < 1 || port > 65_535)
      return `--port ${values.port}: give a port from 1 to 65535`;
    return values;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return `${error.message}\n\n${HELP}`;
  }
}

function firstSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
}
