/** One forward and backward of each loss, at a small and a large size. bench/python/losses.py holds the same. */

import * as torch from 'torchwright';
import { losses, methods, nn } from 'torchwright';
import type { Batch } from './batch';
import { chirps, METRIC_LOSSES } from './metric-losses';

export interface Loss {
  /** What gradients are wanted of. */
  readonly leaves: readonly torch.Tensor[];
  readonly loss: () => torch.Tensor;
}

/** Numbers without randomness, so that all languages have the same: `scale sin(0.7 i + phase)`. */
function waves(shape: number[], { scale = 2, phase = 0 } = {}): torch.Tensor {
  const count = shape.reduce((product, size) => product * size, 1);
  return torch.arange(count, { dtype: 'float64' }).mul(0.7).add(phase).sin().mul(scale).reshape(shape).float().requiresGrad_();
}

/** Logits of some samples and classes, and labels. */
function classified(size: number): { logits: torch.Tensor; labels: torch.Tensor; samples: number; classes: number } {
  const [samples, classes] = size === 0 ? [32, 10] : [1024, 1000];
  return { logits: waves([samples, classes]), labels: torch.arange(samples).mul(7).remainder(classes), samples, classes };
}

/** The same with what a teacher says. */
function taught(size: number): ReturnType<typeof classified> & { teacher: torch.Tensor } {
  const given = classified(size);
  return { ...given, teacher: waves([given.samples, given.classes], { phase: 1 }).detach() };
}

/** Scores in (-2, 2) of samples of two classes, and labels. */
function binary(size: number): { scores: torch.Tensor; labels: torch.Tensor; count: number } {
  const count = size === 0 ? 64 : 65536;
  return { scores: waves([count]), labels: torch.arange(count).mul(7).remainder(3).eq(0).long(), count };
}

/** The same with a temperature for each sample; some of the labels are the prediction. */
function tempered(size: number): { logits: torch.Tensor; temperatures: torch.Tensor; labels: torch.Tensor } {
  const { logits, labels, samples } = classified(size);
  const even = torch.arange(samples).remainder(2).eq(0);
  const temperatures = waves([samples], { scale: 0.5 }).detach().add(1.5).requiresGrad_();
  return { logits, temperatures, labels: logits.argmax(1).where(even, labels) };
}

/** Predictions of samples, the bags that they are in, and the bags' mean responses. */
function bagged(size: number): { predictions: torch.Tensor; bags: torch.Tensor; responses: torch.Tensor } {
  const [count, bags] = size === 0 ? [64, 16] : [65_536, 4096];
  const responses = waves([bags], { scale: 0.5, phase: 0.5 }).detach().add(0.5);
  return { predictions: waves([count]), bags: torch.arange(count).mul(7).remainder(bags), responses };
}

/** Features of as many samples as there are in a batch, from 8 and 128 dimensions. */
function embedded(size: number, phase = 0): { features: torch.Tensor; samples: number; dims: number } {
  const [samples, dims] = size === 0 ? [32, 8] : [1024, 128];
  return { features: waves([samples, dims], { phase }), samples, dims };
}

/** Embeddings, weights for each of 10 and 1,000 classes, and labels. */
function weighted(size: number, many = 1024): { embeddings: torch.Tensor; weights: torch.Tensor; labels: torch.Tensor } {
  const [samples, dims, classes] = size === 0 ? [32, 8, 10] : [many, 128, 1000];
  return {
    embeddings: chirps(samples, 0, dims),
    weights: chirps(classes, 0.5, dims),
    labels: torch.arange(samples).mul(7).remainder(classes),
  };
}

/** Support and query of an episode, of which each class has as many samples. */
function episode(size: number): { support: torch.Tensor; query: torch.Tensor; labels: torch.Tensor; classes: number } {
  const [classes, each, features] = size === 0 ? [5, 5, 16] : [20, 10, 64];
  const labels = torch.arange(classes).repeatInterleave(each);
  return { support: chirps(classes * each, 0, features), query: chirps(classes * each, 0.5, features), labels, classes };
}

const LOSSES: Readonly<Record<string, (size: number) => Loss>> = {
  'comp-sum'(size) {
    const { logits, labels } = classified(size);
    return { leaves: [logits], loss: () => losses.compSumLoss(logits, labels, { tau: 1.5 }) };
  },
  'generalized-cross-entropy'(size) {
    const { logits, labels } = classified(size);
    return { leaves: [logits], loss: () => losses.generalizedCrossEntropyLoss(logits, labels, { truncation: 0.1 }) };
  },
  'margin-comp-sum'(size) {
    const { logits, labels } = classified(size);
    return { leaves: [logits], loss: () => losses.marginCompSumLoss(logits, labels, { rho: 2 }) };
  },
  'correctness-aware'(size) {
    const { logits, temperatures, labels } = tempered(size);
    return { leaves: [logits, temperatures], loss: () => losses.correctnessAwareLoss(logits, temperatures, labels) };
  },
  'correctness-aware-balanced'(size) {
    const { logits, temperatures, labels } = tempered(size);
    return {
      leaves: [logits, temperatures],
      loss: () => losses.correctnessAwareLoss(logits, temperatures, labels, { weighting: 'balanced' }),
    };
  },
  'smooth-adversarial-comp-sum'(size) {
    const { logits, labels, samples, classes } = classified(size);
    const attacked = waves([samples, classes], { phase: 0.3 });
    return { leaves: [logits, attacked], loss: () => losses.smoothAdversarialCompSumLoss(logits, attacked, labels, { nu: 0.3 }) };
  },
  'ldr-kl'(size) {
    const { logits, labels } = classified(size);
    return { leaves: [logits], loss: () => losses.ldrKlLoss(logits, labels, { temperature: 10, normalization: 'softplus' }) };
  },
  'aldr-kl'(size) {
    const { logits, labels, samples } = classified(size);
    const temperatures = torch.ones(samples);
    return { leaves: [logits], loss: () => losses.aldrKlLoss(logits, labels, temperatures, { normalization: 'l1' }).loss };
  },
  'crammer-singer'(size) {
    const { logits, labels } = classified(size);
    return { leaves: [logits], loss: () => losses.crammerSingerLoss(logits, labels) };
  },
  'weston-watkins'(size) {
    const { logits, labels } = classified(size);
    return { leaves: [logits], loss: () => losses.westonWatkinsLoss(logits, labels) };
  },
  'normalized-cross-entropy'(size) {
    const { logits, labels } = classified(size);
    return { leaves: [logits], loss: () => losses.normalizedCrossEntropyLoss(logits, labels) };
  },
  'asymmetric-unhinged'(size) {
    const { logits, labels } = classified(size);
    return { leaves: [logits], loss: () => losses.asymmetricUnhingedLoss(logits, labels) };
  },
  'symmetric-cross-entropy'(size) {
    const { logits, labels } = classified(size);
    return { leaves: [logits], loss: () => losses.symmetricCrossEntropyLoss(logits, labels) };
  },
  'any-loss-f-beta'(size) {
    const { scores, labels } = binary(size);
    return { leaves: [scores], loss: () => losses.anyLossFBeta(scores, labels, { fromLogits: true, amplification: 5 }) };
  },
  'any-loss-g-mean'(size) {
    const { scores, labels } = binary(size);
    return { leaves: [scores], loss: () => losses.anyLossGMean(scores, labels, { fromLogits: true, amplification: 5 }) };
  },
  'ens-loss'(size) {
    const { scores, labels, count } = binary(size);
    const noise = waves([count], { phase: 0.5 }).detach();
    return { leaves: [scores], loss: () => losses.ensLoss(scores, labels, noise) };
  },
  'binary-margin-focal'(size) {
    const { scores, labels } = binary(size);
    return { leaves: [scores], loss: () => losses.binaryMarginLoss(scores, labels, { kind: 'focal' }) };
  },
  'bag-level'(size) {
    const { predictions, bags, responses } = bagged(size);
    return { leaves: [predictions], loss: () => losses.bagLevelLoss(predictions, bags, responses) };
  },
  'bag-level-logistic'(size) {
    const { predictions, bags, responses } = bagged(size);
    return { leaves: [predictions], loss: () => losses.bagLevelLoss(predictions, bags, responses, { loss: 'logistic' }) };
  },
  'instance-level'(size) {
    const { predictions, bags, responses } = bagged(size);
    return { leaves: [predictions], loss: () => losses.instanceLevelLoss(predictions, bags, responses) };
  },
  'instance-level-logistic'(size) {
    const { predictions, bags, responses } = bagged(size);
    return { leaves: [predictions], loss: () => losses.instanceLevelLoss(predictions, bags, responses, { loss: 'logistic' }) };
  },
  'interpolated-aggregate'(size) {
    const { predictions, bags, responses } = bagged(size);
    return { leaves: [predictions], loss: () => losses.interpolatedAggregateLoss(predictions, bags, responses, { rho: 0.3 }) };
  },
  'within-bag-spread'(size) {
    const { predictions, bags } = bagged(size);
    return { leaves: [predictions], loss: () => losses.withinBagSpread(predictions, bags) };
  },
  'logistic-regression'(size) {
    const [count, width] = size === 0 ? [64, 20] : [20_000, 200];
    const [theta, features] = [waves([width]), waves([count, width], { phase: 0.5 }).detach()];
    const labels = torch.arange(count).mul(7).remainder(3).eq(0).long().mul(2).sub(1);
    return { leaves: [theta], loss: () => losses.logisticRegressionLoss(theta, features, labels) };
  },
  'jensen-shannon'(size) {
    const { logits, labels } = classified(size);
    return { leaves: [logits], loss: () => losses.jensenShannonLoss(logits, labels) };
  },
  'z-loss'(size) {
    const { logits, labels } = classified(size);
    return { leaves: [logits], loss: () => losses.zLoss(logits, labels, { a: 2, b: 2 }) };
  },
  'taylor-softmax'(size) {
    const { logits, labels } = classified(size);
    return { leaves: [logits], loss: () => losses.taylorSoftmaxLoss(logits, labels) };
  },
  'spherical-softmax'(size) {
    const { logits, labels } = classified(size);
    return { leaves: [logits], loss: () => losses.sphericalSoftmaxLoss(logits, labels) };
  },
  'spherical-mse'(size) {
    const { logits, labels } = classified(size);
    return { leaves: [logits], loss: () => losses.sphericalMseLoss(logits, labels) };
  },
  'spherical-family'(size) {
    const { samples } = classified(size);
    const [target, sums] = [waves([samples]), waves([samples], { phase: 0.5 })];
    const squares = waves([samples], { phase: 1 }).detach().add(100).requiresGrad_();
    return { leaves: [target, sums, squares], loss: () => losses.sphericalFamilyLoss(target, sums, squares, { numClasses: 1000, b: 1 }) };
  },
  'naive-bayes-logits'(size) {
    const { features, samples, dims } = embedded(size);
    const classes = size === 0 ? 10 : 100;
    const means = waves([classes, dims], { phase: 1 });
    const variances = waves([classes, dims], { scale: 0.4, phase: 2 }).detach().add(1).requiresGrad_();
    const priors = torch.full([classes], 1 / classes);
    const labels = torch.arange(samples).mul(7).remainder(classes);
    return {
      leaves: [features, means, variances],
      loss: () =>
        torch.nn.functional.crossEntropy(methods.naiveBayesLogits(features, means, variances, priors, { sharedVariance: false }), labels),
    };
  },
  unpg(size) {
    const { embeddings, weights, labels } = weighted(size, 256);
    return { leaves: [embeddings, weights], loss: () => losses.unpgLoss(embeddings, weights, labels, { head: 'cosface' }) };
  },
  'metric-unpg'(size) {
    const { embeddings } = weighted(size);
    const labels = torch.arange(embeddings.size(0)).floorDivide(4);
    return { leaves: [embeddings], loss: () => losses.metricUnpgLoss(embeddings, labels) };
  },
  symmetry(size) {
    const { features: left, samples } = embedded(size);
    const right = embedded(size, 1).features;
    const rho = waves([samples], { scale: 0.5 }).detach().add(0.5);
    return { leaves: [left, right], loss: () => losses.symmetryLoss(left, right, rho) };
  },
  'ada-face'(size) {
    const { embeddings, weights, labels } = weighted(size);
    return { leaves: [embeddings, weights], loss: () => losses.adaFaceLoss(embeddings, weights, labels).loss };
  },
  sface(size) {
    const { embeddings, weights, labels } = weighted(size);
    return { leaves: [embeddings, weights], loss: () => losses.sfaceLoss(embeddings, weights, labels) };
  },
  'distillation-kl'(size) {
    const { logits, teacher } = taught(size);
    return { leaves: [logits], loss: () => losses.distillationKlLoss(logits, teacher) };
  },
  'knowledge-distillation'(size) {
    const { logits, teacher, labels } = taught(size);
    return { leaves: [logits], loss: () => losses.knowledgeDistillationLoss(logits, teacher, labels) };
  },
  'feature-distillation'(size) {
    const { logits, teacher } = taught(size);
    return { leaves: [logits], loss: () => losses.featureDistillationLoss(logits, teacher, { normalize: true }) };
  },
  'binary-kl'(size) {
    const { logits, teacher } = taught(size);
    return { leaves: [logits], loss: () => losses.binaryKlLoss(logits, teacher) };
  },
  'binary-kl-norm'(size) {
    const { logits, teacher } = taught(size);
    return { leaves: [logits], loss: () => losses.binaryKlNormLoss(logits, teacher) };
  },
  'dual-head-distillation'(size) {
    const { logits, teacher, labels, samples, classes } = taught(size);
    const auxLogits = waves([samples, classes], { phase: 2 });
    return {
      leaves: [logits, auxLogits],
      loss: () => losses.dualHeadDistillationLoss(logits, auxLogits, teacher, labels).loss,
    };
  },
  'proto-triplet'(size) {
    const [queries, classes, features] = size === 0 ? [25, 5, 16] : [2048, 100, 128];
    const [query, prototypes] = [chirps(queries, 0, features), chirps(classes, 0.5, features)];
    const labels = torch.arange(queries).remainder(classes);
    return { leaves: [query, prototypes], loss: () => losses.protoTripletLoss(query, labels, prototypes) };
  },
  icnn(size) {
    const { support, query, labels } = episode(size);
    const all = torch.cat([labels, labels]);
    return { leaves: [support, query], loss: () => losses.icnnLoss(torch.cat([support, query]), all) };
  },
  'susana-episode'(size) {
    const { support, query, labels, classes } = episode(size);
    return {
      leaves: [support, query],
      loss: () => losses.susanaEpisodeLoss(support, labels, query, labels, { numClasses: classes }).loss,
    };
  },
  'hyp-oc'(size) {
    const { features: real, dims } = embedded(size);
    const { features: pseudo } = embedded(size, 1);
    const [a, p] = [waves([2, dims], { phase: 2 }), waves([2, dims], { scale: 0.1, phase: 3 })];
    return {
      leaves: [real, pseudo, a, p],
      loss: () => losses.hypOcLoss(methods.toPoincare(real), methods.toPoincare(pseudo), a, p).loss,
    };
  },
  'general-pair-weighting'(size) {
    const { features, samples } = embedded(size);
    const labels = torch.arange(samples).floorDivide(4);
    const loss = () => {
      const cosines = torch.noGrad(() => {
        const x = nn.functional.normalize(features);
        return x.mm(x.t());
      });
      return losses.generalPairWeightingLoss(features, labels, methods.pairWeights(cosines, labels));
    };
    return { leaves: [features], loss };
  },
  'soft-pair'(size) {
    const [anchors, candidates] = size === 0 ? [32, 64] : [1024, 1024];
    const similarity = waves([anchors, candidates], { scale: 0.9 });
    const targets = waves([anchors, candidates], { scale: 0.7, phase: 1 }).detach().add(0.5).clamp(0, 1);
    return { leaves: [similarity], loss: () => losses.softPairLoss(similarity, targets) };
  },
  'mixed-pair'(size) {
    const { features, samples, dims } = embedded(size);
    const mixed = waves([samples * 10, dims], { phase: 1 });
    const anchors = torch
      .arange(samples * 10)
      .mul(7)
      .remainder(samples);
    const lambda = torch.tensor(0.3);
    return { leaves: [features, mixed], loss: () => losses.mixedPairLoss(features, mixed, anchors, lambda) };
  },
  metrix(size) {
    const [samples, dims] = size === 0 ? [32, 8] : [128, 128];
    const features = waves([samples, dims]);
    const labels = torch.arange(samples).floorDivide(4);
    const lambda = torch.tensor(0.3);
    return { leaves: [features], loss: () => losses.metrixLoss(features, labels, lambda).loss };
  },
  'hyp-cross-entropy'(size) {
    const { features, samples, dims } = embedded(size);
    const [a, p] = [waves([100, dims], { scale: 0.2, phase: 2 }), waves([100, dims], { scale: 0.1, phase: 3 })];
    const labels = torch.arange(samples).mul(7).remainder(100);
    return {
      leaves: [features, a, p],
      loss: () => losses.hypCrossEntropyLoss(methods.toPoincare(features, null, { riemannianGradient: false }), a, p, labels),
    };
  },
};

function run({ leaves, loss }: Loss): Batch {
  return (n) => {
    for (let i = 0; i < n; i++) {
      torch.scope(() => loss().backward());
      for (const leaf of leaves) leaf.grad = null;
    }
  };
}

/** Prints the value and the gradients' sum of squares, from which one sees that the languages do the same. */
function told({ leaves, loss }: Loss): Batch {
  return () => {
    const value = loss();
    value.backward();
    console.log(Number(value.item()));
    console.log(leaves.reduce((sum, { grad }) => sum + Number(grad?.double().square().sum().item()), 0));
  };
}

/** Two workloads for each loss: `loss-NAME`, and `loss-NAME-told`. */
export const LOSS_WORKLOADS: Readonly<Record<string, (size: number) => Batch>> = Object.fromEntries(
  Object.entries({ ...LOSSES, ...METRIC_LOSSES }).flatMap(([name, make]) => [
    [`loss-${name}`, (size: number) => run(make(size))],
    [`loss-${name}-told`, (size: number) => told(make(size))],
  ]),
);
