import type { Panel } from '../panels.ts';
import { ROWS } from '../panels.ts';
import type { Answered } from './draw.ts';
import { picture } from './draw.ts';
import { live } from './history.ts';
import type { Ask } from './prometheus.ts';
import { withPrometheus } from './prometheus.ts';

/** The dashboard's queries, answered by a real Prometheus from a simulated run of the real operator, as SVG text. */
export async function makePicture(programs: {
  readonly prometheus: string;
  readonly promtool: string;
}): Promise<string> {
  const history = await live();
  return withPrometheus({ ...programs, history }, async (ask) => {
    const answers = new Map<Panel, readonly Answered[]>();
    for (const panel of ROWS.flatMap(({ panels }) => panels)) answers.set(panel, await answered(panel, ask));
    return picture(ROWS, { from: history.from, until: history.until, answers });
  });
}

async function answered({ queries }: Panel, ask: Ask): Promise<readonly Answered[]> {
  const answers: Answered[] = [];
  for (const { expression, legend } of queries) answers.push({ legend, series: await ask(filledIn(expression)) });
  return answers;
}

/** What Grafana would put in: the whole time that is shown, and four readings for a rate. */
const filledIn = (expression: string): string =>
  expression
    .replaceAll('$__rate_interval', '2m')
    .replaceAll('$__range', '6h')
    .replaceAll('$namespace', 'flexmetal-system')
    .replaceAll('$job', 'flexmetal-operator');
