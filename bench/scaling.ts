/** How the time of a work grows with its size: results against what is to be reached, and the curve as an SVG. */

import * as echarts from 'echarts';
import type { Scaling } from './measures';
import type { Result } from './report';
import { ratios } from './statistics';

/** Nanoseconds of each round by language and size: `typescript 1000`. */
type Values = ReadonlyMap<string, readonly number[]>;

function at(values: Values, language: 'typescript' | 'cpp', size: number): readonly number[] {
  return values.get(`${language} ${size}`) as readonly number[];
}

/** TypeScript at each size over the first size, and over C++. */
export function scalingResults({ title, sizes, of, ways, growthAtMost, ratioAtMost }: Scaling, values: Values): Result[] {
  const [least, most] = [sizes[0] as number, sizes.at(-1) as number];
  const result = (what: string, over: readonly number[], size: number, atMost?: number): Result => {
    const value = ratios(at(values, 'typescript', size), over);
    return { measure: title, what, unit: 'ratio', value, atMost, reached: atMost === undefined ? undefined : value.median <= atMost };
  };
  return [
    ...sizes.slice(1).map((size) => {
      const what = `${ways.typescript}: ${size.toLocaleString('en')} over ${least.toLocaleString('en')} ${of}`;
      return result(what, at(values, 'typescript', least), size, growthAtMost);
    }),
    ...sizes.map((size) => {
      const what = `${ways.typescript} / ${ways.cpp}, ${size.toLocaleString('en')} ${of}`;
      return result(what, at(values, 'cpp', size), size, size === most ? ratioAtMost : undefined);
    }),
  ];
}

/** Both languages' times over TypeScript's at the first size, on logarithmic axes. */
export function scalingPlot({ title, sizes, of, ways }: Scaling, values: Values): string {
  const base = at(values, 'typescript', sizes[0] as number);
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: 720, height: 420 });
  chart.setOption({
    animation: false,
    title: { text: title, left: 'center' },
    legend: { bottom: 0 },
    grid: { left: 80, right: 40, top: 50, bottom: 80 },
    xAxis: { type: 'log', name: of, nameLocation: 'middle', nameGap: 28, min: sizes[0], max: 1e6 },
    yAxis: { type: 'log', name: `time over ${ways.typescript} at ${sizes[0]}`, nameLocation: 'middle', nameGap: 50 },
    series: (['cpp', 'typescript'] as const).map((language) => ({
      type: 'line',
      name: ways[language],
      data: sizes.map((size) => [size, Number(ratios(at(values, language, size), base).median.toPrecision(3))]),
    })),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}
