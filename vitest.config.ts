import { defineConfig } from 'vitest/config';

const results = process.env['VITEST_RESULTS'];

/**
 * Five projects: `unit` (pure code and adapters on loopback), `simulation` (the real loop in virtual time),
 * `cluster` (a real etcd and kube-apiserver, started once for the project), `containers` (the image; skipped without a daemon),
 * `node` (chart and image on a real cluster; skipped where none is named, nor an image of k3s).
 */
export default defineConfig({
  test: {
    globalSetup: ['./test/support/node-version.ts'],
    // A machine-readable copy of the results where somebody asks for one.
    reporters: results === undefined ? ['default'] : ['default', ['json', { outputFile: results }]],
    projects: [
      {
        test: {
          setupFiles: ['./test/support/fast-check.ts'],
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/simulation/**', 'test/cluster/**', 'test/containers/**', 'test/node/**', 'test/bench/**'],
          globalSetup: ['./test/support/node-version.ts'],
        },
      },
      {
        test: {
          setupFiles: ['./test/support/fast-check.ts'],
          name: 'simulation',
          include: ['test/simulation/**/*.test.ts'],
          globalSetup: ['./test/support/node-version.ts'],
          testTimeout: 300_000,
        },
      },
      {
        test: {
          setupFiles: ['./test/support/fast-check.ts'],
          name: 'cluster',
          include: ['test/cluster/**/*.test.ts'],
          globalSetup: ['./test/support/node-version.ts', './test/support/cluster/global-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'containers',
          include: ['test/containers/**/*.test.ts'],
          globalSetup: ['./test/support/node-version.ts', './test/support/containers/global-setup.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'node',
          include: ['test/node/**/*.test.ts'],
          globalSetup: ['./test/support/node-version.ts', './test/support/node/global-setup.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
