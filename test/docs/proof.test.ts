import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { blocksOf } from '../../scripts/proof/blocks.ts';
import { lagChart } from '../../scripts/proof/chart.ts';
import { withBlocks } from '../../scripts/proof/page.ts';
import { promisesOfRuns } from '../../scripts/proof/promises.ts';
import { readLag, readModels, readResults } from '../../scripts/proof/results.ts';
import { REAL_FAULTS } from '../cluster/support/fail-points/fail-points.ts';
import { lifeOfModel } from '../support/models/life.ts';
import { cellsOf, placesOf } from '../support/models/matrix.ts';
import { MODELS } from '../support/models/models.ts';
import { inBackticks, readPage, ROOT } from './markdown.ts';

/** Results that no whole run of today's program has written yet: the page has no figures before they are all there. */
const MISSING = ['docs/proof.json', 'docs/soak.json'].filter((file) => !existsSync(path.join(ROOT, file)));
if (MISSING.length > 0) process.stdout.write(`docs/proof.md has no figures yet: ${MISSING.join(' and ')} missing\n`);

/** `npm run proof -- --page` writes page and plot anew. */
test.skipIf(MISSING.length > 0)('docs/proof.md says what the results say', () => {
  const { text } = readPage('docs/proof.md');
  expect(text).toBe(withBlocks(text, blocksOf(readResults(ROOT), promisesOfRuns())));
});

test('docs/proof/lag.svg shows what its data say', () => {
  const drawn = readFileSync(path.join(ROOT, 'docs/proof/lag.svg'), 'utf8');
  expect(drawn).toBe(lagChart(readLag(ROOT)));
});

test.each(MODELS.map((model) => [model.name, model] as const))(
  'docs/proof/models.json says of the model “%s” what it does today',
  async (name, model) => {
    const written = readModels(ROOT).protocols.find((protocol) => protocol.name === name);
    const life = lifeOfModel(model);
    const today = await cellsOf(life, 'whenDelivered', await placesOf(life, 'whenDelivered'), 'order');
    expect(written?.cells.filter(({ deletion, effect }) => deletion === 'whenDelivered' && effect === 'order')).toEqual(
      today,
    );
    expect(written).toMatchObject({ steps: model.steps, source: model.source });
  },
);

test.skipIf(MISSING.length > 0)('the results were made by what passed', () => {
  const { sweep, kills, soak, mutants, mutation } = readResults(ROOT);
  expect(sweep).toMatchObject({ full: true, within: { failures: [] }, beyond: { failures: [] } });
  expect(kills).toMatchObject({ failures: [], totals: { doubles: 0, leaks: 0, notReady: 0, differences: 0 } });
  // The page says that the bundle was struck by every fault.
  expect(kills.entry).toBe('dist/flexmetal-operator.mjs');
  expect(new Set(kills.matrix.map(({ fault }) => fault))).toEqual(new Set(['none', ...REAL_FAULTS]));
  expect(soak.promises.flatMap(({ broken }) => broken)).toEqual([]);
  expect(mutants.mutants.filter(({ catches }) => catches === 0)).toEqual([]);
  expect(mutants.control.violations).toEqual([]);
  expect(mutation.unexplained).toBe(0);
});

test('the tests that hold the defects are there', () => {
  const { text } = readPage('docs/proof.md');
  const files = inBackticks(text).filter((words) => /^test\/\S+\.ts$/.test(words));
  expect(files.filter((file) => !existsSync(path.join(ROOT, file)))).toEqual([]);
  expect(files.length).toBeGreaterThan(0);
});
