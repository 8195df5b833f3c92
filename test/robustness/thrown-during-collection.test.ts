import { execFileSync } from 'node:child_process';
import path from 'node:path';

test('errors while garbage is collected end no process', () => {
  // A tiny young generation collects at nearly every error, finalizers of tensors included.
  const script = `
    const torch = require(${JSON.stringify(path.join(__dirname, '..', '..', 'dist'))});
    const [a, b] = [torch.ones(2, 3), torch.ones(4, 5)];
    for (let i = 0; i < 20000; i++) {
      try { a.add(1).matmul(b.add(1)); } catch {}
      try { torch.zeros(3).view(7); } catch {}
      try { torch.tensor([1]).requiresGrad_(); } catch {}
    }
    console.log('alive');`;
  expect(execFileSync(process.execPath, ['--max-semi-space-size=1', '-e', script], { encoding: 'utf8' })).toBe('alive\n');
});
