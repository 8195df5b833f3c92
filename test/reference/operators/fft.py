"""Discrete Fourier transforms."""

from inputs import C64, F32, F64, cplx, real


def cases(table):
    x, z = real(2, 6), cplx(2, 4)
    for name in ('fft_fft', 'fft_ifft'):
        table.add(name, z)
        table.add(name, z, 6, 0, 'ortho')
        table.add(name, x, norm='forward')
        table.add(name, x, dim=0)
    table.add('fft_rfft', x)
    table.add('fft_rfft', x, 5, norm='ortho')
    table.add('fft_irfft', z)
    table.add('fft_irfft', z, 5, dim=-1)
    table.add('fft_hfft', z)
    table.add('fft_ihfft', x)
    for name in ('fft_fft2', 'fft_ifft2', 'fft_irfft2', 'fft_hfft2'):
        table.add(name, cplx(3, 4))
    table.each('fft_rfft2 fft_ihfft2', real(3, 4))
    table.add('fft_rfft2', real(3, 4), [4, 4])
    table.add('fft_fftn', cplx(2, 2, 3), None, [0, 2])
    table.add('fft_ifftn', cplx(2, 2, 3), norm='ortho')
    table.each('fft_rfftn fft_ihfftn', real(2, 2, 3))
    table.each('fft_irfftn fft_hfftn', cplx(2, 2, 3), dim=[1, 2])
    table.add('fft_fftfreq', 5)
    table.add('fft_fftfreq', 4, 0.5, dtype=F64)
    table.add('fft_rfftfreq', 5, d=2.0, dtype=F64)
    table.each('fft_fftshift fft_ifftshift', real(2, 5))
    table.each('fft_fftshift fft_ifftshift', real(2, 5), [1])
    table.add('fft_fft', real(4, dtype=F32))
    table.add('fft_ifft', cplx(4, dtype=C64))
    window = real(4, low=0.3, high=1, seed=3)
    table.add('stft', real(12), 4, hop_length=2, window=window, return_complex=True)
    table.add('stft.center', real(12), 4, 2, None, window, True, 'reflect', False, True, True)
    table.add('istft', cplx(3, 5), 4, 2, None, window, True, _grad=False)
