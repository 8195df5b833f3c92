/** Factors whose signs are arbitrary, by what they give when multiplied together. */

import type { Tensor } from '../../lib';
import * as torch from '../../lib';

const make = (rows: number, columns: number): Tensor => torch.randn([rows, columns], { dtype: 'float64' });

function expectClose(got: Tensor, expected: Tensor): void {
  expect(got.shape).toEqual(expected.shape);
  expect(got.sub(expected).abs().max().item()).toBeLessThan(1e-10);
}

function expectOrthonormal(columns: Tensor): void {
  expectClose(columns.mH.matmul(columns), torch.eye(columns.size(1), { dtype: columns.dtype }));
}

beforeEach(() => {
  torch.manualSeed(3);
});

test.each([
  [4, 3],
  [3, 4],
  [3, 3],
])('svd of %i x %i', (rows, columns) => {
  torch.scope(() => {
    const a = make(rows, columns);
    const { U, S, Vh } = torch.linalg.svd(a, { fullMatrices: false });
    expectClose(U.mul(S).matmul(Vh), a);
    expectOrthonormal(U);
    expectOrthonormal(Vh.mH);
  });
});

test('svd with all singular vectors', () => {
  torch.scope(() => {
    const a = make(4, 2);
    const { U, S, Vh } = torch.linalg.svd(a);
    expect([U.shape, S.shape, Vh.shape]).toEqual([[4, 4], [2], [2, 2]]);
    expectOrthonormal(U);
    expectClose(U.narrow(1, 0, 2).mul(S).matmul(Vh), a);
  });
});

test.each(['reduced', 'complete'])('qr, %s', (mode) => {
  torch.scope(() => {
    const a = make(4, 3);
    const { Q, R } = torch.linalg.qr(a, mode);
    expectClose(Q.matmul(R), a);
    expectOrthonormal(Q);
    expectClose(R.triu(), R);
  });
});

test('eigh', () => {
  torch.scope(() => {
    const b = make(4, 4);
    const a = b.add(b.T);
    const { eigenvalues, eigenvectors } = torch.linalg.eigh(a);
    expectClose(eigenvectors.mul(eigenvalues).matmul(eigenvectors.mH), a);
    expectOrthonormal(eigenvectors);
  });
});

test('eig', () => {
  torch.scope(() => {
    const a = make(4, 4);
    const { eigenvalues, eigenvectors } = torch.linalg.eig(a);
    expectClose(a.to('complex128').matmul(eigenvectors), eigenvectors.mul(eigenvalues));
  });
});

test('the gradient of a product of factors is that of the matrix', () => {
  torch.scope(() => {
    const a = make(3, 3).requiresGrad_();
    const { U, S, Vh } = torch.linalg.svd(a);
    const weights = make(3, 3);
    U.mul(S).matmul(Vh).mul(weights).sum().backward();
    expectClose(a.grad as Tensor, weights);
  });
});
