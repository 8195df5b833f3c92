"""Special functions."""

from inputs import F32, I64, integers, real, values


def cases(table):
    any_value = real(6, low=-2.5, high=2.5)
    positive = real(6, low=0.3, high=4, seed=1)
    table.each('special_erf special_erfc special_erfcx special_exp2 special_expit special_expm1 special_i0 special_i0e special_i1 special_i1e '
               'special_ndtr special_log_ndtr special_sinc special_round special_entr special_bessel_j0 special_bessel_j1 '
               'special_modified_bessel_i0 special_modified_bessel_i1 special_spherical_bessel_j0 special_airy_ai', any_value)
    table.each('special_digamma special_psi special_gammaln special_log1p special_bessel_y0 special_bessel_y1 special_modified_bessel_k0 '
               'special_modified_bessel_k1 special_scaled_modified_bessel_k0 special_scaled_modified_bessel_k1 special_entr', positive)
    table.each('special_erfinv', real(5, low=-0.9, high=0.9))
    table.each('special_ndtri', real(5, low=0.05, high=0.95))
    table.add('special_logit', real(5, low=0.05, high=0.95), 0.1)
    table.add('special_polygamma', 1, positive)
    table.add('special_multigammaln', real(4, low=2, high=5), 2)
    table.add('special_logsumexp', real(2, 3), [1], True)
    table.add('special_softmax', real(2, 3), 1)
    table.add('special_log_softmax', real(2, 3), 0, dtype=None)
    table.add('special_round', real(4), decimals=2)
    table.each('special_gammainc special_gammaincc', positive, real(6, low=0.4, high=3, seed=2))
    table.each('special_xlogy special_xlog1py', any_value, positive)
    table.add('special_xlogy.other_scalar', any_value, 2)
    table.add('special_xlogy.self_scalar', 1.5, positive)
    table.add('special_xlog1py.other_scalar', any_value, 2)
    table.add('special_zeta', real(4, low=1.5, high=4), real(4, low=0.5, high=2, seed=1), _grad=False)
    table.add('special_zeta.other_scalar', real(4, low=1.5, high=4), 2, _grad=False)
    inside = real(4, low=-0.9, high=0.9)
    order = values(0, 1, 2, 3, dtype=I64).double()
    for kind in ('chebyshev_polynomial_t', 'chebyshev_polynomial_u', 'chebyshev_polynomial_v', 'chebyshev_polynomial_w',
                 'hermite_polynomial_h', 'hermite_polynomial_he', 'laguerre_polynomial_l', 'legendre_polynomial_p',
                 'shifted_chebyshev_polynomial_t', 'shifted_chebyshev_polynomial_u', 'shifted_chebyshev_polynomial_v',
                 'shifted_chebyshev_polynomial_w'):
        table.add(f'special_{kind}', inside, order, _grad=False)
        table.add(f'special_{kind}.n_scalar', inside, 2, _grad=False)
    table.each('special_erf special_gammaln special_i0e', real(4, low=0.5, high=3, dtype=F32))
    table.add('special_expit', integers(3))
