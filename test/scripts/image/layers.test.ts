import { expect, test } from 'vitest';
import { layersOf, layerTable } from '../../../scripts/image/layers.ts';

const HISTORY = [
  '0\tCMD ["run"]',
  '2400000\tCOPY dist/flexmetal-operator.mjs   / # buildkit',
  '0\tENV NODE_OPTIONS=…',
  `1048576\t/bin/sh -c #(nop) COPY ${'x'.repeat(200)} in /`,
  '3145728\tbase',
  '',
].join('\n');

test('layers are those steps of the history that weigh something, the oldest first', () => {
  expect(layersOf('docker', HISTORY)).toEqual([
    { bytes: 3_145_728, madeBy: 'base' },
    { bytes: 1_048_576, madeBy: `COPY ${'x'.repeat(94)}…` },
    { bytes: 2_400_000, madeBy: 'COPY dist/flexmetal-operator.mjs /' },
  ]);
});

test('podman tells them as JSON', () => {
  const history = [
    { size: 0, CreatedBy: '/bin/sh -c #(nop) CMD ["run"]', Created: '2023-11-14T22:13:20Z' },
    { size: 2_425_856, CreatedBy: '/bin/sh -c #(nop) COPY multi:49d8 in / ' },
    { size: 1_048_576 },
  ];
  expect(layersOf('podman', JSON.stringify(history))).toEqual([
    { bytes: 1_048_576, madeBy: '' },
    { bytes: 2_425_856, madeBy: 'COPY multi:49d8 in /' },
  ]);
});

test('their table ends in the sum', () => {
  expect(
    layerTable([
      { bytes: 3_145_728, madeBy: 'base' },
      { bytes: 524_288, madeBy: 'COPY' },
    ]),
  ).toBe('  3.00 MiB  base\n  0.50 MiB  COPY\n  3.50 MiB  all layers, unpacked\n');
});
