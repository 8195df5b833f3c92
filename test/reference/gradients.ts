/** The gradients of a case through `autograd.grad`, against the stored ones. */

import * as torch from '../../lib';
import { Tensor } from '../../lib';
import type { Case } from './case';
import { dataDifference, firstDifference } from './compare';
import { decode, isComplexDType } from './decode';
import { call, decodeOptions } from './forms';

/** Where the gradients differ from the stored ones; null when they agree. */
export function gradientDifference(one: Case): string | null {
  const args = one.args.map(decode);
  const options = decodeOptions(one.options);
  const leaves = [...args, ...Object.values(options)].flat().filter(isTracked);
  if (one.seed !== undefined) torch.manualSeed(one.seed);
  const tracked = Object.fromEntries(Object.entries(options).map(([key, value]) => [key, copied(value)]));
  const outputs = outputsOf(one, call(one, args.map(copied), tracked));
  const grads = torch.autograd.grad(outputs, leaves, { gradOutputs: outputs.map(cotangent), allowUnused: true });
  return firstDifference(
    leaves.map((leaf, i) => {
      const [grad, stored] = [grads[i] ?? null, one.grads?.[i] ?? null];
      const where = `gradient of input ${i}`;
      if (grad === null || stored === null) return grad === stored ? null : `${where}: expected ${stored === null ? 'null' : 'a tensor'}`;
      if (grad.shape.join() !== leaf.shape.join()) return `${where}: expected shape [${leaf.shape}] but got [${grad.shape}]`;
      return dataDifference(grad, stored, leaf.dtype, where);
    }),
  );
}

function isTracked(value: unknown): value is Tensor {
  return value instanceof Tensor && value.requiresGrad;
}

/** A leaf must not be written to: the call gets copies that remember where they came from. */
function copied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copied);
  return isTracked(value) ? value.clone() : value;
}

function outputsOf(one: Case, result: unknown): Tensor[] {
  const signFree = (one.signFree ?? []).map(String);
  const isKept = (key: string): boolean => !signFree.includes(key) && (one.only === undefined || one.only.map(String).includes(key));
  const values =
    result instanceof Tensor ? [result] : Object.entries(result as object).flatMap(([key, value]) => (isKept(key) ? [value].flat() : []));
  return values.filter(isTracked);
}

/** The weight of the output at flat position i: (i % 5 + 1) / 4, for complex outputs with half of it as imaginary part. As in record.py. */
function cotangent(output: Tensor): Tensor {
  const weights = Array.from({ length: output.numel() }, (_, i) => ((i % 5) + 1) / 4);
  const values = isComplexDType(output.dtype) ? weights.map((weight) => ({ re: weight, im: weight / 2 })) : weights;
  return torch.tensor(values, { dtype: output.dtype }).reshape(output.shape);
}
