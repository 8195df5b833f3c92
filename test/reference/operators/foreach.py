"""Operators on lists of tensors at once."""

from inputs import F32, integers, real, values

UNARY = ('abs ceil cos cosh erf erfc exp expm1 floor frac neg reciprocal round sigmoid sign sin sinh tan tanh trunc atan')
POSITIVE = 'log log10 log1p log2 sqrt rsqrt lgamma'


def pair(low=-2.0, high=2.0, seed=0):
    return [real(2, 2, low=low, high=high, seed=seed), real(3, low=low, high=high, seed=seed + 20)]


def cases(table):
    for name in UNARY.split():
        table.add(f'_foreach_{name}', pair())
    for name in POSITIVE.split():
        table.add(f'_foreach_{name}', pair(0.3, 4))
    for name in ('asin', 'acos'):
        table.add(f'_foreach_{name}', pair(-0.9, 0.9))
    for name in ('add', 'sub', 'mul', 'div', 'maximum', 'minimum', 'clamp_max', 'clamp_min', 'pow'):
        table.add(f'_foreach_{name}.Scalar', pair(0.3, 3), 1.5)
        table.add(f'_foreach_{name}.List', pair(0.3, 3), pair(0.5, 2, seed=1))
        table.add(f'_foreach_{name}.ScalarList', pair(0.3, 3), [1.5, 2])
    table.add('_foreach_add.List', pair(), pair(seed=1), alpha=2)
    table.add('_foreach_sub.List', pair(), pair(seed=1), alpha=0.5)
    table.add('_foreach_add.Tensor', pair(), values([0.5]).reshape([]), alpha=2)
    table.add('_foreach_mul.Tensor', pair(), values([0.5]).reshape([]))
    table.add('_foreach_div.Tensor', pair(), values([0.5]).reshape([]))
    table.add('_foreach_pow.ScalarAndTensor', 2, pair())
    for name in ('addcmul', 'addcdiv'):
        table.add(f'_foreach_{name}.Scalar', pair(), pair(0.5, 2, seed=1), pair(0.5, 2, seed=2), 0.5)
        table.add(f'_foreach_{name}.ScalarList', pair(), pair(0.5, 2, seed=1), pair(0.5, 2, seed=2), [0.5, 2])
        table.add(f'_foreach_{name}.Tensor', pair(), pair(0.5, 2, seed=1), pair(0.5, 2, seed=2), values(0.5, 2.0), _grad=False)
    table.add('_foreach_lerp.List', pair(), pair(seed=1), pair(0, 1, seed=2))
    table.add('_foreach_lerp.Scalar', pair(), pair(seed=1), 0.25)
    table.add('_foreach_norm.Scalar', pair())
    table.add('_foreach_norm.Scalar', pair(), 1)
    table.add('_foreach_max', pair())
    table.add('_foreach_zero', pair(), _grad=False)
    table.add('_foreach_copy', pair(), pair(seed=1), _grad=False)
    table.add('_foreach_add_.Scalar', pair(), 2)
    table.add('_foreach_mul_.List', pair(), pair(seed=1))
    table.add('_foreach_sqrt_', pair(0.3, 4))
    table.add('_foreach_zero_', pair(), _grad=False)
    table.add('_foreach_copy_', pair(), pair(seed=1), _grad=False)
    # One step of an optimizer on a list of parameters: five lists are written to.
    step = [values([0.0]).reshape([]) for _ in range(2)]
    table.add('_fused_adam_', pair(), pair(seed=1), pair(seed=2), pair(0.1, 1, seed=3), [], step, lr=0.1, beta1=0.9, beta2=0.99, weight_decay=0.01,
              eps=1e-8, amsgrad=False, maximize=False, _grad=False)
    table.add('_fused_adamw_', pair(), pair(seed=1), pair(seed=2), pair(0.1, 1, seed=3), pair(0.1, 1, seed=4), step, lr=0.1, beta1=0.9, beta2=0.99,
              weight_decay=0.01, eps=1e-8, amsgrad=True, maximize=True, _grad=False)
    table.add('_fused_sgd_', pair(), pair(seed=1), pair(seed=2), weight_decay=0.1, momentum=0.9, lr=0.1, dampening=0, nesterov=True, maximize=False,
              is_first_step=False, _grad=False)
    table.add('_foreach_add.Scalar', [integers(3), real(2, dtype=F32)], 2)
