import { expect, test } from 'vitest';
import { imageValues } from './image-values.ts';

test.each([
  ['operator', '', 'operator', 'latest', ''],
  ['operator:test', '', 'operator', 'test', ''],
  ['team/operator:test', '', 'team/operator', 'test', ''],
  ['registry.example:5000/team/operator', 'registry.example:5000', 'team/operator', 'latest', ''],
  ['localhost/operator:1@sha256:ab', 'localhost', 'operator', '1', 'sha256:ab'],
])('the values for %s', (image, registry, repository, tag, digest) => {
  expect(imageValues(image)).toEqual({ registry, repository, tag, digest });
});
