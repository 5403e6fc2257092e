import { execFileSync } from 'node:child_process';

/** The commit of the checkout, 40 hex digits; with `+` when sources or tests had changes that were not committed. */
export function commitOf(): string {
  const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim();
  return `${git('rev-parse', 'HEAD')}${git('status', '--porcelain', '--', 'src', 'test') === '' ? '' : '+'}`;
}
