/** A picture of a training run. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as echarts from 'echarts';

export interface LearningCurve {
  readonly title: string;
  /** Training loss of each step. */
  readonly losses: readonly number[];
  /** Test accuracy in [0, 1] after some steps. */
  readonly accuracies: readonly { readonly step: number; readonly accuracy: number }[];
}

/** Writes the loss of each step and the test accuracy as an SVG file. */
export function saveLearningCurve(path: string, { title, losses, accuracies }: LearningCurve): void {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: 800, height: 450 });
  const smooth = movingAverage(losses, Math.max(1, Math.round(losses.length / 50)));
  const line = (values: readonly (readonly [number, number])[]): object => ({ type: 'line', showSymbol: false, data: values });
  chart.setOption({
    animation: false,
    backgroundColor: '#fff',
    color: ['#5470c6', '#5470c6', '#c4562a'],
    title: { text: title, left: 'center' },
    legend: { bottom: 0, itemGap: 30 },
    grid: { top: 60, bottom: 70, left: 60, right: 60 },
    xAxis: { type: 'value', name: 'step', nameLocation: 'middle', nameGap: 25, max: losses.length },
    yAxis: [
      { type: 'value', name: 'training loss', min: 0 },
      { type: 'value', name: 'test accuracy (%)', max: 100, scale: true, splitLine: { show: false } },
    ],
    series: [
      { ...line(losses.map((loss, k) => [k + 1, loss])), name: 'loss of a batch', lineStyle: { width: 1, opacity: 0.35 } },
      { ...line(smooth.map((loss, k) => [k + 1, loss])), name: 'moving average', lineStyle: { width: 2 } },
      {
        ...line(accuracies.map(({ step, accuracy }) => [step, 100 * accuracy])),
        name: 'test accuracy',
        yAxisIndex: 1,
        showSymbol: true,
        symbolSize: 8,
      },
    ],
  });
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, chart.renderToSVGString());
  chart.dispose();
}

/** The mean of each value and up to `width - 1` before it. */
function movingAverage(values: readonly number[], width: number): number[] {
  let sum = 0;
  return values.map((value, k) => {
    sum += value - (k >= width ? (values[k - width] as number) : 0);
    return sum / Math.min(k + 1, width);
  });
}
