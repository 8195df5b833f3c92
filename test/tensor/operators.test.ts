/**
 * Every case of operators.json, the answers of Python torch, in every form that PyTorch offers it: as a function and as a
 * method, with arguments in place and among the options, spread, on other strides, into `out`, in place, by schema name,
 * and backward.
 */

import * as torch from '../../lib';
import { Tensor } from '../../lib';
import { type Case, callText, readCases, titled } from '../reference/case';
import { difference, firstDifference } from '../reference/compare';
import { decode, type Encoded } from '../reference/decode';
import { type Form, formsOf } from '../reference/forms';
import { gradientDifference } from '../reference/gradients';

for (const [group, cases] of titled(readCases())) {
  describe(group, () => {
    test.each(cases)('%s', (_, one) => {
      const problems = torch.scope(() => {
        const found = formsOf(one).map((form) => problemOf(form.title, () => disagreement(one, form)));
        if (one.grads !== undefined) found.push(problemOf('backward', () => gradientDifference(one)));
        return found.filter((problem) => problem !== null);
      });
      if (problems.length > 0) throw new Error(`${callText(one)}\n${problems.join('\n')}`);
    });
  });
}

function problemOf(title: string, check: () => string | null): string | null {
  try {
    const found = check();
    return found === null ? null : `as ${title}: ${found}`;
  } catch (error) {
    return `as ${title}: threw ${error instanceof Error ? error.message : String(error)}`;
  }
}

function disagreement(one: Case, form: Form): string | null {
  const args = one.args.map((value) => prepared(decode(value), form));
  if (one.seed !== undefined) torch.manualSeed(one.seed);
  return compare(one, form.noGrad === true ? torch.noGrad(() => form.run(args)) : form.run(args));
}

/** Copies of leaves, since a leaf must not be written to; for some forms on other strides. */
function prepared(value: unknown, form: Form): unknown {
  if (Array.isArray(value)) return value.map((item) => prepared(item, form));
  if (!(value instanceof Tensor)) return value;
  if (form.strided === true) return withOtherStrides(value.detach());
  return value.requiresGrad ? value.clone() : value;
}

/** The same values in transposed order, or with gaps between them. */
function withOtherStrides(tensor: Tensor): Tensor {
  if (tensor.dim() === 0) return tensor;
  if (tensor.dim() === 1) return torch.stack([tensor, tensor], { dim: -1 }).select(-1, 0);
  return tensor.transpose(0, -1).contiguous().transpose(0, -1);
}

function compare(one: Case, got: unknown): string | null {
  const { result, only } = one;
  const signFree = (one.signFree ?? []).map(String);
  if (signFree.length === 0 && only === undefined) return difference(got, result);
  const stored: [string, Encoded][] = Object.entries(Array.isArray(result) ? result : (result as { named: Record<string, Encoded> }).named);
  const compared = stored.filter(([key]) => only === undefined || only.map(String).includes(key));
  const values: ReadonlyMap<string, unknown> = new Map(Object.entries(got as object));
  return firstDifference(compared.map(([key, value]) => difference(values.get(key), value, key, signFree.includes(key))));
}
