/** How the cost of an addition grows with the tensors, relative to C++, as an SVG. */

import * as echarts from 'echarts';
import { measureDuration } from './interleaved';
import { type Language, NAMES, type Toolbox } from './languages';
import { ratios } from './statistics';

/** Sides of square matrices: from 1 to a million elements. */
const SIDES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000];

export async function growthPlot(tools: Toolbox, rounds: number): Promise<string> {
  const others: Language[] = (['typescript', 'python'] as const).filter((language) => tools.command.has(language));
  const lines = new Map<Language, [number, number][]>(others.map((language) => [language, []]));
  for (const size of SIDES) {
    const measure = { kind: 'duration', name: 'add', title: 'add', workload: 'add', threads: 1, size, targets: [] } as const;
    const values = await measureDuration(measure, ['cpp', ...others], tools, rounds);
    for (const language of others) {
      lines.get(language)?.push([size * size, ratios(values[language] as number[], values.cpp as number[]).median]);
    }
  }
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: 720, height: 420 });
  chart.setOption({
    animation: false,
    title: { text: 'a.add(b): time over C++', left: 'center' },
    legend: { bottom: 0 },
    grid: { left: 60, right: 40, top: 50, bottom: 80 },
    xAxis: { type: 'log', name: 'elements', nameLocation: 'middle', nameGap: 28 },
    yAxis: { type: 'value', name: 'ratio', min: 0 },
    series: [...lines].map(([language, data]) => ({ type: 'line', name: NAMES[language], data })),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}
