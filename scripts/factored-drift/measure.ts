/** Trains output layers on the same batches and compares their weights. */

import * as torch from '../../lib';
import { losses, nn, optim } from '../../lib';

export interface DriftOptions {
  readonly steps: number;
  readonly loss: 'z' | 'taylor' | 'spherical' | 'mse';
  readonly classes?: number;
  readonly features?: number;
  readonly batch?: number;
}

/** A layer against the plain one in float64, at a step. */
export interface Drift {
  readonly step: number;
  readonly name: string;
  /** `|W - W of the plain layer| / |W of the plain layer|`, Frobenius norms. */
  readonly weights: number;
  /** The same of the Q that the layer keeps, against `W^T W` of its own weights; null for a plain layer. */
  readonly moments: number | null;
  /** Of the step's batch. */
  readonly loss: number;
}

const PLAIN = {
  z: losses.zLoss,
  taylor: losses.taylorSoftmaxLoss,
  spherical: losses.sphericalSoftmaxLoss,
  mse: losses.sphericalMseLoss,
} as const;

/** Steps small enough for all of them to learn. */
const RATES = { z: 0.5, taylor: 0.05, spherical: 0.01, mse: 0.01 } as const;

interface Plain {
  readonly name: string;
  readonly weights: torch.Tensor;
  readonly optimizer: optim.SGD;
}

/** At 1, 3, 10, 30, ... and the last step: one entry for each layer but the plain one in float64, which the others are held against. */
export function measureDrift({ steps, loss, classes = 1000, features = 32, batch = 32 }: DriftOptions): Drift[] {
  torch.manualSeed(0);
  const rate = RATES[loss];
  const layer = (dtype: 'float32' | 'float64') => new nn.FactoredOutputLayer(features, classes, { loss, dtype, learningRate: rate });
  const factored = { 'factored, V in float32': layer('float32'), 'factored, V in float64': layer('float64') };
  const start = Object.values(factored)[0]?.weights() as torch.Tensor;
  for (const one of Object.values(factored)) one.setWeights(start);
  const plain = (name: string, dtype: 'float32' | 'float64'): Plain => {
    const weights = start.detach().clone().to(dtype).requiresGrad_();
    return { name, weights, optimizer: new optim.SGD([weights], { lr: rate }) };
  };
  const [exact, single] = [plain('plain, float64', 'float64'), plain('plain, float32', 'float32')];
  const centres = torch.randn([classes, features], { dtype: 'float64' });
  const frequencies = torch
    .arange(1, classes + 1)
    .double()
    .pow(-0.7);

  const drifts: Drift[] = [];
  for (let step = 1; step <= steps; step++) {
    torch.scope(() => {
      // Half centre and half noise: as much as the layers below would know of a class.
      const labels = frequencies.multinomial(batch, { replacement: true });
      const hidden = centres.indexSelect(0, labels).add(torch.randn([batch, features], { dtype: 'float64' }));
      const plainLosses = [exact, single].map(({ weights, optimizer }) => {
        optimizer.zeroGrad();
        const value = PLAIN[loss](hidden.to(weights.dtype).mm(weights.t()), labels);
        value.backward();
        optimizer.step();
        return value.detach();
      });
      const factoredLosses = Object.values(factored).map((one) => one.step(hidden, labels).loss);
      if (!told(step, steps)) return;
      const error = (a: torch.Tensor, b: torch.Tensor) => Number(a.double().sub(b).norm().div(b.norm()).item());
      const value = (of: torch.Tensor | undefined) => Number(of?.item());
      const wanted = exact.weights.detach();
      drifts.push({ step, name: single.name, weights: error(single.weights.detach(), wanted), moments: null, loss: value(plainLosses[1]) });
      for (const [k, [name, one]] of Object.entries(factored).entries()) {
        const own = one.v.double().mm(one.u).add(one.omega);
        const moments = error(one.qMatrix, own.t().mm(own));
        drifts.push({ step, name, weights: error(own, wanted), moments, loss: value(factoredLosses[k]) });
      }
    });
  }
  return drifts;
}

function told(step: number, steps: number): boolean {
  const power = 10 ** Math.floor(Math.log10(step));
  return step === steps || step === power || step === 3 * power;
}
