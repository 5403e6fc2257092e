import { expect, test } from 'vitest';
import { withBlocks } from '../../../scripts/proof/page.ts';

const PAGE = `# Title

<!-- generated: one -->
old
<!-- end: one -->

between

<!-- generated: two -->
<!-- end: two -->
`;

test('generated parts are replaced, and nothing else', () => {
  expect(withBlocks(PAGE, { one: 'new', two: '| a |' })).toBe(`# Title

<!-- generated: one -->

new

<!-- end: one -->

between

<!-- generated: two -->

| a |

<!-- end: two -->
`);
});

test('a page that is up to date stays as it is', () => {
  const once = withBlocks(PAGE, { one: 'new', two: '$& stays $1' });
  expect(withBlocks(once, { one: 'new', two: '$& stays $1' })).toBe(once);
});

test.each([
  ['a part without a place', PAGE, { one: '', two: '', three: '' }, 'no place for: three'],
  ['a place without a part', PAGE, { one: '' }, 'nothing stands in: two'],
  ['a place without an end', PAGE.replace('<!-- end: two -->', ''), { one: '', two: '' }, 'does not end its part two'],
  ['a place that is there twice', `${PAGE}${PAGE}`, { one: '', two: '' }, 'the page has'],
])('%s is an error', (_what, page, blocks, complaint) => {
  expect(() => withBlocks(page, blocks)).toThrow(complaint);
});
