import { camelCase } from '../../lib/tensor/names';

test.each([
  ['add', 'add'],
  ['add_', 'add_'],
  ['log_softmax', 'logSoftmax'],
  ['index_put_', 'indexPut_'],
  ['_foreach_add_', '_foreachAdd_'],
  ['_softmax_backward_data', '_softmaxBackwardData'],
  ['conv2d', 'conv2d'],
  ['nll_loss_nd', 'nllLossNd'],
  ['atleast_1d', 'atleast1d'],
  ['__and__', '__and__'],
  ['_cast_Byte', '_castByte'],
  ['a__b', 'aB'],
  ['Vh', 'Vh'],
  ['LU_pivots', 'LUPivots'],
  ['_', '_'],
  ['', ''],
])('%s -> %s', (name, expected) => {
  expect(camelCase(name)).toBe(expected);
});
