"""Interpolation and grid sampling."""

from inputs import F32, real


def cases(table):
    x1, x2, x3 = real(1, 2, 3), real(1, 1, 3, 2), real(1, 1, 2, 2, 2)
    table.add('upsample_nearest1d', x1, [6])
    table.add('upsample_nearest2d', x2, [6, 3])
    table.add('upsample_nearest3d', x3, [4, 2, 3])
    table.add('upsample_nearest2d.vec', x2, None, [2.0, 1.5])
    table.each('_upsample_nearest_exact2d', x2, [5, 3])
    table.add('upsample_linear1d', x1, [5], False)
    table.add('upsample_linear1d', x1, [5], True)
    table.add('upsample_bilinear2d', x2, [5, 4], False)
    table.add('upsample_bilinear2d', x2, [5, 4], True, 1.6, 2.1)
    table.add('upsample_bilinear2d.vec', x2, [4, 4], False, None)
    table.add('upsample_bicubic2d', x2, [4, 3], False)
    table.add('upsample_trilinear3d', x3, [3, 3, 2], True)
    table.add('_upsample_bilinear2d_aa', real(1, 1, 6, 6), [3, 3], False)
    table.add('upsample_bilinear2d', real(1, 1, 2, 2, dtype=F32), [3, 3], True)
    table.add('upsample_bilinear2d_backward', real(1, 1, 4, 4), [4, 4], [1, 1, 2, 2], False, _grad=False)
    theta = real(1, 2, 3)
    table.add('affine_grid_generator', theta, [1, 1, 2, 3], True)
    table.add('affine_grid_generator', theta, [1, 1, 2, 3], False)
    grid = real(1, 2, 3, 2, low=-1.2, high=1.2, seed=1)
    for mode in (0, 1, 2):
        table.add('grid_sampler', real(1, 1, 3, 4), grid, mode, 0, False)
    table.add('grid_sampler', real(1, 1, 3, 4), grid, 0, 1, True)
    table.add('grid_sampler_2d', real(1, 1, 3, 4), grid, 0, 2, False)
    table.add('grid_sampler_3d', real(1, 1, 2, 2, 2), real(1, 1, 2, 2, 3, low=-1, high=1, seed=1), 0, 0, True)
