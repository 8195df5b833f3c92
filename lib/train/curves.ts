/** Pictures of a training's history. */

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { writeAtomically } from '../io/atomic';
import { optionalPackage } from '../optional-package';
import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import type { History } from './history';

export interface CurvesOptions {
  /** Above the picture. Default: nothing. */
  title?: string;
  /** Which values, in which order. Default: all. */
  names?: readonly string[];
  /** Pixels. Default 900. */
  width?: number;
  /** Pixels of one panel. Default 320. */
  panelHeight?: number;
}

/** Above so many points a line is drawn pale, with its moving average over it. */
const SMOOTH_FROM = 100;
const COLOURS = ['#4269d0', '#d1603d', '#3d9970', '#9c6bd0', '#b8860b', '#6b7280'];
const TOP = 50;
const GAP = 70;

interface Line {
  readonly name: string;
  readonly points: readonly (readonly [number, number])[];
}

/**
 * The values of a history over its steps as an SVG picture: a panel for each quantity, in which `loss`, `validation.loss` and
 * others of the same last name are lines.
 *
 * @throws when there is nothing to draw, and when the package `echarts` is not installed
 */
export function learningCurves(history: History, options?: CurvesOptions): string {
  const { title = '', names = history.names, width = 900, panelHeight = 320 } = checkedOptions(options, 'learningCurves');
  const panels = panelsOf(history, names);
  if (panels.length === 0) throw new Error('Expected values in the history for learningCurves but received none');
  const echarts = optionalPackage<typeof import('echarts')>('echarts', 'learning curves');
  const head = title === '' ? 0 : 40;
  const height = head + panels.length * (panelHeight + GAP);
  const top = (panel: number): number => head + panel * (panelHeight + GAP) + TOP;
  const lines = panels.flatMap(({ lines }, panel) => lines.flatMap((line, k) => drawn(line, panel, COLOURS[k % COLOURS.length] as string)));

  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
  chart.setOption({
    animation: false,
    backgroundColor: '#fff',
    title: [
      { text: title, left: 'center', top: 10 },
      ...panels.map(({ title: text }, k) => ({ text, left: 60, top: top(k) - 35, textStyle: { fontSize: 14 } })),
    ],
    legend: panels.map(({ lines: inPanel }, k) => ({ data: inPanel.map(({ name }) => name), right: 30, top: top(k) - 35 })),
    grid: panels.map((_, k) => ({ top: top(k), height: panelHeight - TOP, left: 70, right: 30 })),
    xAxis: panels.map((_, k) => ({ type: 'value', gridIndex: k, name: 'step', nameLocation: 'middle', nameGap: 25, max: 'dataMax' })),
    yAxis: panels.map((_, k) => ({ type: 'value', gridIndex: k, scale: true })),
    series: lines,
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

/** Writes the learning curves as `.svg`, or as `.png`, for which the package `@resvg/resvg-js` must be installed. */
export function saveLearningCurves(file: string, history: History, options: CurvesOptions = {}): void {
  const extension = path.extname(file).toLowerCase();
  if (extension !== '.svg' && extension !== '.png') throw expected('a file name that ends in .svg or .png', 'saveLearningCurves', file);
  const svg = learningCurves(history, options);
  const content = extension === '.svg' ? Buffer.from(svg) : toPng(svg);
  mkdirSync(path.dirname(file), { recursive: true });
  writeAtomically(file, (descriptor) => writeFileSync(descriptor, content));
}

function toPng(svg: string): Buffer {
  const { Resvg } = optionalPackage<typeof import('@resvg/resvg-js')>('@resvg/resvg-js', 'PNG pictures');
  return new Resvg(svg, { fitTo: { mode: 'zoom', value: 2 } }).render().asPng();
}

/** Values with the same last name in one panel, in the order of their first appearance. */
function panelsOf(history: History, names: readonly string[]): { title: string; lines: Line[] }[] {
  const panels = new Map<string, Line[]>();
  for (const name of names) {
    const points = history.series(name).filter(([, value]) => Number.isFinite(value));
    if (points.length === 0) continue;
    const title = name.slice(name.lastIndexOf('.') + 1);
    const lines = panels.get(title);
    if (lines === undefined) panels.set(title, [{ name, points }]);
    else lines.push({ name, points });
  }
  return [...panels].map(([title, lines]) => ({ title, lines }));
}

function drawn({ name, points }: Line, panel: number, colour: string): object[] {
  const common = { type: 'line', name, xAxisIndex: panel, yAxisIndex: panel, color: colour };
  const few = points.length <= 20;
  if (points.length < SMOOTH_FROM) return [{ ...common, data: points, showSymbol: few, symbolSize: 6, lineStyle: { width: 2 } }];
  const pale = { ...common, data: points, showSymbol: false, lineStyle: { width: 1, opacity: 0.3 } };
  return [pale, { ...common, data: movingAverage(points, Math.round(points.length / 50)), showSymbol: false, lineStyle: { width: 2 } }];
}

/** The mean of each value and up to `width - 1` before it. */
function movingAverage(points: Line['points'], width: number): [number, number][] {
  let sum = 0;
  return points.map(([step, value], k) => {
    sum += value - (k >= width ? (points[k - width]?.[1] as number) : 0);
    return [step, sum / Math.min(k + 1, width)];
  });
}
