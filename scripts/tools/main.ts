import { buildTool } from './build.ts';
import { findTool } from './find.ts';
import { TOOL_NAMES, TOOLS } from './tools.ts';

/**
 * `npm run tools` says which tools there are and where; `npm run tools -- helm3 kube-score` makes these, `--all` all that are missing.
 * Needs Go for most of them, Python 3 for checkov.
 */
const argv = process.argv.slice(2);
const unknown = argv.filter((word) => word !== '--all' && !TOOL_NAMES.some((name) => name === word));

if (unknown.length > 0) {
  process.stderr.write(`There is no tool ${unknown.join(', ')}. There are ${TOOL_NAMES.join(', ')}; --all for all.\n`);
  process.exitCode = 2;
} else if (argv.length === 0) {
  for (const name of TOOL_NAMES)
    process.stdout.write(`${name}: ${findTool(name) ?? 'missing'} (${TOOLS[name].purpose})\n`);
} else {
  const wanted = argv.includes('--all')
    ? TOOL_NAMES.filter((name) => findTool(name) === undefined)
    : TOOL_NAMES.filter((name) => argv.includes(name));
  // One after the other: a single build of Go takes all cores.
  for (const name of wanted) {
    process.stdout.write(`making ${name}: some minutes, the first time\n`);
    process.stdout.write(`made ${await buildTool(name)}\n`);
  }
}
