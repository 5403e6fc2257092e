/** The generated parts of a page by their names; each stands between `<!-- generated: name -->` and `<!-- end: name -->`. */
export type Blocks = Readonly<Record<string, string>>;

/** The page with its generated parts replaced. Throws when a part has no place in it, or a place no part. */
export function withBlocks(page: string, blocks: Blocks): string {
  const places = [...page.matchAll(/^<!-- generated: (\S+) -->$/gm)].map(([, name = '']) => name);
  const names = Object.keys(blocks);
  const lost = names.filter((name) => !places.includes(name));
  const empty = places.filter((name) => !names.includes(name));
  if (lost.length + empty.length > 0 || new Set(places).size !== places.length) {
    throw new Error(`the page has no place for: ${lost.join(', ')}; and nothing stands in: ${empty.join(', ')}`);
  }
  return names.reduce((text, name) => withBlock(text, name, blocks[name] ?? ''), page);
}

function withBlock(page: string, name: string, block: string): string {
  const opening = `<!-- generated: ${name} -->\n`;
  const closing = `<!-- end: ${name} -->`;
  const from = page.indexOf(opening) + opening.length;
  const to = page.indexOf(closing, from);
  if (to < 0) throw new Error(`the page does not end its part ${name}`);
  return `${page.slice(0, from)}\n${block}\n\n${page.slice(to)}`;
}
