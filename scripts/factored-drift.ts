/**
 * How far the weights of a factored output layer drift from those of a plain one, in training on the same batches:
 * `npx tsx scripts/factored-drift.ts --steps 100000`.
 */

import { Command } from 'commander';
import { type Drift, measureDrift } from './factored-drift/measure';
import { printTable } from './table.mjs';

const { steps, loss } = new Command('factored-drift')
  .description('Trains a plain layer in float64, one in float32 and factored ones on the same batches, and compares their weights.')
  .option('--steps <n>', 'steps of gradient descent', '10000')
  .option('--loss <name>', 'z, taylor, spherical or mse', 'z')
  .parse()
  .opts<{ steps: string; loss: 'z' | 'taylor' | 'spherical' | 'mse' }>();

const shown = ({ step, name, weights, moments, loss: value }: Drift): Record<string, string> => ({
  step: String(step),
  layer: name,
  'error of W': weights.toExponential(1),
  'error of W^T W': moments === null ? '-' : moments.toExponential(1),
  loss: value.toFixed(6),
});
printTable(measureDrift({ steps: Number(steps), loss }).map(shown));
