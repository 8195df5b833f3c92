"""Linear, convolution, normalisation, recurrent cells, attention."""

from inputs import BF16, F32, I32, I64, booleans, const, real, values


def cases(table):
    table.add('linear', real(2, 3), real(4, 3, seed=1), real(4, seed=2))
    table.add('linear', real(2, 2, 3), real(4, 3, seed=1))
    table.add('linear', real(2, 3, dtype=F32), real(4, 3, seed=1, dtype=F32), real(4, seed=2, dtype=F32))

    x1, w1, b2 = real(1, 2, 6), real(2, 2, 3, seed=1), real(2, seed=2)
    table.add('conv1d', x1, w1, b2)
    table.add('conv1d', x1, w1, None, 2, 1)
    table.add('conv1d', x1, w1, stride=[1], padding=[2], dilation=[2])
    table.add('conv1d.padding', x1, w1, None, 1, 'same')
    x2, w2 = real(1, 2, 4, 4), real(2, 2, 3, 3, seed=1)
    table.add('conv2d', x2, w2, b2)
    table.add('conv2d', x2, w2, b2, padding=1, stride=2)
    table.add('conv2d', x2, real(2, 1, 2, 2, seed=1), None, [1, 2], [0, 1], 1, 2)
    table.add('conv2d.padding', x2, w2, b2, 1, 'same')
    table.add('conv2d.padding', x2, w2, padding='valid')
    table.add('conv2d', real(1, 2, 4, 4, dtype=F32), real(2, 2, 3, 3, seed=1, dtype=F32), real(2, seed=2, dtype=F32), padding=1)
    table.add('conv3d', real(1, 1, 3, 3, 3), real(1, 1, 2, 2, 2, seed=1), real(1, seed=2), padding=1)
    table.add('conv_transpose1d', x1, w1, b2, stride=2, output_padding=1)
    table.add('conv_transpose2d.input', real(1, 2, 2, 3), real(2, 2, 2, 2, seed=1), b2, [2, 1], padding=1)
    table.add('conv_transpose3d.input', real(1, 1, 2, 2, 2), real(1, 1, 2, 2, 2, seed=1))
    table.add('convolution', x2, w2, b2, [1, 1], [1, 1], [1, 1], False, [0, 0], 1)
    table.add('conv_tbc', real(4, 1, 2), real(2, 2, 2, seed=1), real(2, seed=2))

    x, weight, bias = real(3, 2, 2), real(2, low=0.5, high=2, seed=1), real(2, seed=2)
    mean, var = const(real(2, seed=3)), const(real(2, low=0.5, high=2, seed=4))
    table.add('batch_norm', x, weight, bias, mean, var, False, 0.1, 1e-5, False)
    table.add('batch_norm', x, weight, bias, None, None, True, 0.1, 1e-5, False)
    table.add('native_batch_norm', x, weight, bias, mean, var, False, 0.1, 1e-5, _grad=False)
    table.add('instance_norm', real(2, 2, 4), weight, bias, None, None, True, 0.1, 1e-5, False)
    table.add('layer_norm', real(2, 4), [4], real(4, low=0.5, high=2, seed=1), real(4, seed=2))
    table.add('layer_norm', real(2, 2, 3), [2, 3])
    table.add('layer_norm', real(2, 4), [4], eps=0.1)
    table.add('native_layer_norm', real(2, 4), [4], None, None, 1e-5)
    table.add('group_norm', real(2, 4, 3), 2, real(4, low=0.5, high=2, seed=1), real(4, seed=2))
    table.add('rms_norm', real(2, 4), [4], real(4, low=0.5, high=2, seed=1))
    table.add('rms_norm', real(2, 4), [4], eps=1e-3)
    table.add('layer_norm', real(2, 4, dtype=F32), [4])

    h, ih, hh = real(2, 3, seed=5), real(12, 2, low=-0.5, high=0.5, seed=6), real(12, 3, low=-0.5, high=0.5, seed=7)
    bi, bh = real(12, low=-0.5, high=0.5, seed=8), real(12, low=-0.5, high=0.5, seed=9)
    cell = real(2, 2)
    table.add('lstm_cell', cell, [h, real(2, 3, seed=10)], ih, hh, bi, bh)
    table.add('gru_cell', cell, h, part(ih, 9), part(hh, 9), part(bi, 9), part(bh, 9))
    table.each('rnn_tanh_cell rnn_relu_cell', cell, h, part(ih, 3), part(hh, 3), part(bi, 3), part(bh, 3))
    sequence, hidden = real(2, 1, 2), real(1, 1, 3, seed=5)
    table.add('lstm.input', sequence, [hidden, real(1, 1, 3, seed=10)], [ih, hh, bi, bh], True, 1, 0.0, False, False, False)
    table.add('gru.input', sequence, hidden, [part(ih, 9), part(hh, 9), part(bi, 9), part(bh, 9)], True, 1, 0.0, False, False, False)
    table.add('rnn_tanh.input', sequence, hidden, [part(ih, 3), part(hh, 3)], False, 1, 0.0, False, False, False)

    table.add('convolution_backward', real(1, 2, 4, 4, seed=3), x2, w2, [2], [1, 1], [1, 1], [1, 1], False, [0, 0], 1, [True, True, True], _grad=False)
    table.add('convolution_backward', real(1, 2, 4, 4, seed=3), x2, w2, [2], [1, 1], [1, 1], [1, 1], False, [0, 0], 1, [False, True, False], _grad=False)
    table.add('native_layer_norm_backward', real(2, 4), real(2, 4, seed=1), [4], real(2, 1, seed=2), real(2, 1, low=0.5, seed=3), real(4, seed=4), None,
              [True, True, False], _grad=False)
    table.add('fake_quantize_per_tensor_affine', real(5, low=-3, high=3), 0.1, 0, -16, 15)
    table.add('fake_quantize_per_channel_affine', real(2, 3), values(0.1, 0.2, dtype=F32), values(0, 1, dtype=I32), 0, -8, 7, _grad=False)
    table.add('embedding_renorm_', real(4, 3), values(0, 2, 2, dtype=I64), 1.0, 2.0, _grad=False)

    q, k, v = real(1, 2, 3, 4), real(1, 2, 5, 4, seed=1), real(1, 2, 5, 4, seed=2)
    table.add('scaled_dot_product_attention', q, k, v)
    table.add('scaled_dot_product_attention', q, k, v, booleans(3, 5, seed=3) | values([True] + [False] * 4, dtype=bool_dtype()))
    table.add('scaled_dot_product_attention', q, k, v, const(real(3, 5, seed=4)), scale=0.5)
    table.add('scaled_dot_product_attention', q, q.clone(), real(1, 2, 3, 4, seed=6), is_causal=True)
    table.add('embedding_bag', real(5, 2), values(0, 1, 4, 2, dtype=I64), values(0, 2, dtype=I64), False, 0, _only=(0,))
    table.add('embedding_bag', real(5, 2), values(0, 1, 4, 2, dtype=I64), values(0, 2, dtype=I64), mode=1, _only=(0,))
    table.add('linear', real(2, 3, dtype=BF16), real(2, 3, seed=1, dtype=BF16))


def part(tensor, rows):
    return tensor[:rows].clone()


def bool_dtype():
    import torch

    return torch.bool
