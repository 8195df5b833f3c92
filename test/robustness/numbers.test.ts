/** Options that are numbers refuse everything else with a sentence, where a comparison alone would throw the engine's error. */

import * as torch from '../../lib';

const { nn } = torch;
const x = () => torch.zeros(2, 3);

/** Each takes what should be a number. */
const takes: readonly [string, (value: never) => unknown, RegExp][] = [
  ['nn.functional.dropout', (p) => nn.functional.dropout(x(), { p }), /Expected a probability in \[0, 1\] for p/],
  ['nn.Dropout', (p) => new nn.Dropout({ p }), /Expected a probability in \[0, 1\] for p/],
  ['nn.MultiheadAttention', (dropout) => new nn.MultiheadAttention(4, 2, { dropout }), /for dropout/],
  ['nn.LSTM', (dropout) => new nn.LSTM(3, 2, { numLayers: 2, dropout }), /for dropout/],
  ['models.StochasticDepth', (p) => new torch.models.StochasticDepth(p, 'row'), /for p /],
  ['crossEntropy', (labelSmoothing) => nn.functional.crossEntropy(x(), x(), { labelSmoothing }), /for labelSmoothing/],
  ['multiMarginLoss', (margin) => nn.functional.tripletMarginLoss(x(), x(), x(), { margin }), /for margin/],
  ['rrelu', (lower) => nn.functional.rrelu(x(), { lower }), /Expected an interval/],
  [
    'embedding',
    (paddingIdx) => nn.functional.embedding(x().long(), x(), { paddingIdx }),
    /Expected a position from -2 to 1 for paddingIdx/,
  ],
  ['truncNormal_', (std) => nn.init.truncNormal_(x(), { std }), /for std/],
  ['truncNormal_, bounds', (a) => nn.init.truncNormal_(x(), { a }), /Expected bounds a < b/],
  ['sparse_', (sparsity) => nn.init.sparse_(x(), sparsity), /for sparsity/],
  ['AdaptiveLogSoftmaxWithLoss', (divValue) => new nn.AdaptiveLogSoftmaxWithLoss(8, 9, [3], { divValue }), /for divValue/],
  ['FBetaScore', (beta) => new torch.metrics.FBetaScore(2, { beta }), /for beta/],
  ['GradScaler', (growthFactor) => new torch.amp.GradScaler('cpu', { growthFactor }), /for growthFactor/],
  ['GradScaler, backwards', (backoffFactor) => new torch.amp.GradScaler('cpu', { backoffFactor }), /for backoffFactor/],
  ['Rprop', (etas) => new torch.optim.Rprop([x().requiresGrad_()], { etas }), /for etas/],
  ['Rprop, one of them', (eta) => new torch.optim.Rprop([x().requiresGrad_()], { etas: [eta, 1.2] }), /for etas/],
  ['MixUp', (alpha) => new torch.data.transforms.MixUp({ alpha }), /for alpha/],
];

describe.each(takes)('%s', (_, call, message) => {
  test.each<[string, unknown]>([
    ['a symbol', Symbol('number')],
    ['a big integer', 1n],
    ['a word', 'half'],
    ['an object', {}],
  ])('%s', (_name, value) => {
    expect(() => call(value as never)).toThrow(message);
  });
});
