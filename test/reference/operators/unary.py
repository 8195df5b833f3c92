"""One tensor in, one of the same shape out."""

from inputs import BF16, BOOL, C64, C128, F16, F32, I32, I64, U8, booleans, cplx, integers, real, values

ANY = ('abs absolute asinh arcsinh atan arctan ceil cos cosh deg2rad erf erfc exp exp2 expm1 fix floor frac i0 neg negative positive rad2deg '
       'reciprocal relu round sgn sigmoid sign sin sinc sinh square tan tanh trunc angle conj_physical real isfinite isnan isinf '
       'isneginf isposinf isreal signbit logical_not nan_to_num')
POSITIVE = 'log log10 log1p log2 sqrt rsqrt digamma lgamma'
INSIDE_ONE = 'acos arccos asin arcsin atanh arctanh erfinv'


def cases(table):
    table.each(ANY, real(2, 3, low=-2.2, high=2.3))
    table.each(POSITIVE, real(2, 3, low=0.2, high=4, seed=1))
    table.each(INSIDE_ONE, real(2, 3, low=-0.95, high=0.95, seed=2))
    table.each('acosh arccosh', real(2, 3, low=1.1, high=5, seed=3))
    table.add('logit', real(5, low=0.05, high=0.95))
    table.add('logit', values(-0.2, 0.0, 0.4, 1.0, 1.3), eps=0.1)
    table.add('round.decimals', real(6), decimals=1)
    table.add('polygamma', 2, real(4, low=0.5, high=3))
    table.add('mvlgamma', real(4, low=2, high=5), 3)
    table.add('frexp.Tensor', real(5, low=-9, high=9))
    table.add('imag', cplx(3))
    table.add('clamp', real(2, 4), -0.5, 1.0)
    table.add('clamp', real(2, 4), min=-0.25)
    table.add('clamp', real(2, 4), max=0.25)
    table.add('clamp.Tensor', real(2, 4), real(4, low=-1, high=0, seed=1), real(2, 1, low=0.5, high=1, seed=2))
    table.add('clamp.Tensor', real(2, 4), max=real(4, seed=1))
    table.add('clip', real(5), -1, 1)
    table.add('clamp_min', real(5), 0.1)
    table.add('clamp_min.Tensor', real(5), real(5, seed=1))
    table.add('clamp_max', real(5), 0.1)
    table.add('clamp_max.Tensor', real(5), real(5, seed=1))

    special = values(0.0, -0.0, float('inf'), float('-inf'), float('nan'), 1.5)
    table.each('abs exp log sqrt tanh sigmoid sign floor isnan isinf isfinite isposinf isneginf signbit reciprocal', special, _grad=False)
    table.add('nan_to_num', special, _grad=False)
    table.add('nan_to_num', special, 7.0, 8.5, -8.5, _grad=False)
    table.add('nan_to_num', special, nan=-1, posinf=2, _grad=False)

    table.each('abs ceil cos erf exp floor log1p neg reciprocal round rsqrt sigmoid sin sqrt square tanh trunc lgamma', real(7, low=0.3, high=3, dtype=F32))
    table.each('abs exp floor neg sigmoid sqrt tanh round', real(5, low=0.3, high=3, dtype=F16))
    table.each('abs exp floor neg sigmoid sqrt tanh round log', real(5, low=0.3, high=3, dtype=BF16))
    table.each('abs ceil cos exp floor neg reciprocal sign sigmoid sqrt square tanh trunc logical_not isfinite', integers(2, 3, low=1, high=9))
    table.each('abs neg sign square bitwise_not', integers(6, dtype=I32))
    table.each('exp sqrt bitwise_not sign square', integers(4, low=0, high=9, dtype=U8))
    table.each('bitwise_not logical_not exp cos sum', booleans(5))
    table.each('abs angle conj_physical cos exp log neg reciprocal sigmoid sin sinh sgn sqrt square tan tanh acos asin atan isfinite isreal is_complex',
               cplx(2, 2))
    table.each('abs angle exp sqrt', cplx(3, dtype=C64))
    table.add('isreal', values(1 + 0j, 2 - 1j, 0j, dtype=C128))
    table.each('is_floating_point is_complex is_signed', real(2, dtype=F32))
    table.each('is_floating_point is_complex is_signed', integers(2, low=0, dtype=U8))
    table.add('is_nonzero', integers(1, low=2, high=4))
    table.add('is_nonzero', values(0.0))
    table.each('conj resolve_conj resolve_neg is_conj is_neg', cplx(2, 2))
    table.add('fill.Scalar', real(2, 3), 4.5)
    table.add('fill.Tensor', real(2, 3), values([3.25]).reshape([]))
    table.add('zero', real(2, 3), _grad=False)
    table.add('abs', real(0, 3))
    table.add('exp', values([0.7]).reshape([]))
    table.add('neg', integers(3, dtype=I64) * (2**60 + 1))
    table.add('logical_not', integers(4, low=0, high=2).to(BOOL))
