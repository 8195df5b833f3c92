/** What is in a module, as a table. */

import { noGrad } from '../autograd/modes';
import { expected } from '../tensor/expected';
import { zeros } from '../tensor/generated/root';
import { scope } from '../tensor/scope';
import { Tensor } from '../tensor/tensor';
import type { DType } from '../tensor/types';
import type { Module } from './module';

export interface SummaryOptions {
  /** Shape of the input, with the batch dimension; or one for each input. */
  inputShape: readonly number[] | readonly (readonly number[])[];
  /** Dtype of the inputs. Default: that of the first parameter. */
  dtype?: DType;
}

/** One module of a summary. */
export interface SummaryRow {
  /** Its path, `''` for the whole. */
  readonly name: string;
  /** Its class. */
  readonly type: string;
  /** How many modules it is in. */
  readonly depth: number;
  /** The shapes of its outputs at the last call; empty when it was not called. */
  readonly outputShapes: readonly (readonly number[])[];
  /** Elements of its own parameters, without those of modules in it; shared ones count where they come first. */
  readonly parameters: number;
  /** Bytes of its own parameters and buffers. */
  readonly bytes: number;
}

/** The rows and totals of `module.summary()`; prints as a table. */
export class ModuleSummary {
  /** @internal */
  constructor(
    readonly rows: readonly SummaryRow[],
    /** Elements of all parameters. */
    readonly totalParameters: number,
    /** Elements of those that are trained. */
    readonly trainableParameters: number,
    readonly parameterBytes: number,
    readonly bufferBytes: number,
    /** Bytes of the outputs of all modules that hold no others, in the forward pass. */
    readonly outputBytes: number,
  ) {}

  toString(): string {
    const table = [
      ['Layer', 'Output shape', 'Parameters', 'Memory'],
      ...this.rows.map(({ name, type, depth, outputShapes, parameters, bytes }) => [
        `${'  '.repeat(depth)}${name === '' ? '' : `${name.slice(name.lastIndexOf('.') + 1)}: `}${type}`,
        outputShapes.length === 0 ? '-' : outputShapes.map((shape) => `[${shape.join(', ')}]`).join(', '),
        parameters === 0 ? '-' : count(parameters),
        bytes === 0 ? '-' : size(bytes),
      ]),
    ];
    const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => (row[column] as string).length)));
    const lines = table.map((row) => {
      const cells = row.map((cell, column) =>
        column < 2 ? cell.padEnd(widths[column] as number) : cell.padStart(widths[column] as number),
      );
      return cells.join('  ');
    });
    const rule = '-'.repeat((lines[0] as string).length);
    const frozen = this.totalParameters - this.trainableParameters;
    return [
      lines[0],
      rule,
      ...lines.slice(1),
      rule,
      `Parameters: ${count(this.totalParameters)} (trainable ${count(this.trainableParameters)}, frozen ${count(frozen)})`,
      `Memory: parameters ${size(this.parameterBytes)}, buffers ${size(this.bufferBytes)}, outputs ${size(this.outputBytes)}`,
    ].join('\n');
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

/** The summary of a module; `example` holds the inputs of a forward pass, or options, or nothing. */
export function summarize(module: Module, example: readonly unknown[]): ModuleSummary {
  const outputs = outputsOf(module, example);
  const seen = new Set<Tensor>();
  const rows: SummaryRow[] = [];
  let [totalParameters, trainableParameters, parameterBytes, bufferBytes, outputBytes] = [0, 0, 0, 0, 0];
  for (const [name, part] of module.namedModules()) {
    const fresh = (tensor: Tensor): boolean => !seen.has(tensor) && seen.add(tensor) !== undefined;
    const parameters = [...part.parameters({ recurse: false })].filter(fresh);
    const buffers = [...part.buffers({ recurse: false })].filter(fresh);
    const own = sum(parameters.map((parameter) => parameter.numel()));
    const [ownBytes, ownBuffers] = [sum(parameters.map(({ nbytes }) => nbytes)), sum(buffers.map(({ nbytes }) => nbytes))];
    const given = outputs.get(part);
    const depth = name === '' ? 0 : name.split('.').length;
    rows.push({
      name,
      type: part.constructor.name,
      depth,
      outputShapes: given?.shapes ?? [],
      parameters: own,
      bytes: ownBytes + ownBuffers,
    });
    totalParameters += own;
    trainableParameters += sum(parameters.filter(({ requiresGrad }) => requiresGrad).map((parameter) => parameter.numel()));
    parameterBytes += ownBytes;
    bufferBytes += ownBuffers;
    if ([...part.children()].length === 0) outputBytes += given?.bytes ?? 0;
  }
  return new ModuleSummary(rows, totalParameters, trainableParameters, parameterBytes, bufferBytes, outputBytes);
}

interface Outputs {
  /** Of the last call. */
  shapes: readonly (readonly number[])[];
  /** Of all calls. */
  bytes: number;
}

/** What each module gives in one forward pass. In evaluation mode, so that no running mean moves and no random number is drawn. */
function outputsOf(module: Module, example: readonly unknown[]): Map<Module, Outputs> {
  const outputs = new Map<Module, Outputs>();
  if (example.length === 0) return outputs;
  const modules = [...module.modules()];
  const training = modules.map((part) => part.training);
  const handles = modules.map((part) =>
    part.registerForwardHook((_, __, output) => {
      const tensors = tensorsIn(output);
      const bytes = (outputs.get(part)?.bytes ?? 0) + sum(tensors.map(({ nbytes }) => nbytes));
      outputs.set(part, { shapes: tensors.map(({ shape }) => shape), bytes });
      return undefined;
    }),
  );
  try {
    module.eval();
    scope(() =>
      noGrad(() => {
        const inputs = isOptions(example[0]) ? zerosFor(module, example[0]) : example;
        (module.forward as (...inputs: readonly unknown[]) => unknown)(...inputs);
        return undefined;
      }),
    );
  } finally {
    for (const handle of handles) handle.remove();
    for (const [k, part] of modules.entries()) part.training = training[k] as boolean;
  }
  return outputs;
}

function isOptions(value: unknown): value is SummaryOptions {
  return typeof value === 'object' && value !== null && !(value instanceof Tensor) && 'inputShape' in value;
}

function zerosFor(module: Module, { inputShape, dtype }: SummaryOptions): Tensor[] {
  if (!Array.isArray(inputShape)) throw expected('a shape such as [1, 3, 32, 32]', 'inputShape', inputShape);
  const [first] = module.parameters();
  const many = inputShape.length > 0 && inputShape.every((part) => Array.isArray(part));
  const shapes = (many ? inputShape : [inputShape]) as readonly (readonly number[])[];
  return shapes.map((shape) => zeros(shape, { dtype: dtype ?? first?.dtype, device: first?.device }));
}

function tensorsIn(value: unknown): Tensor[] {
  if (value instanceof Tensor) return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(tensorsIn);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function count(number: number): string {
  return number.toLocaleString('en-US');
}

function size(bytes: number): string {
  const power = bytes === 0 ? 0 : Math.min(3, Math.floor(Math.log2(bytes) / 10));
  return power === 0 ? `${bytes} B` : `${(bytes / 1024 ** power).toFixed(1)} ${['B', 'KiB', 'MiB', 'GiB'][power]}`;
}
