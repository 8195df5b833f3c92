import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { saveLearningCurve } from '../../examples/lib/learning-curve';

test('a learning curve is an SVG with a point for each accuracy, also for a single step', () => {
  const folder = mkdtempSync(join(tmpdir(), 'curve-'));
  const path = join(folder, 'deep', 'curve.svg');
  for (const count of [1, 100]) {
    const accuracies = Array.from({ length: 3 }, (_, k) => ({ step: ((k + 1) * count) / 3, accuracy: 0.9 + 0.03 * k }));
    saveLearningCurve(path, { title: 'A <title> & more', losses: Array.from({ length: count }, (_, k) => 1 / (k + 1)), accuracies });
    const svg = readFileSync(path, 'utf8');
    expect(svg).toContain('A &lt;title&gt; &amp; more');
    expect(svg).not.toContain('NaN');
  }
  rmSync(folder, { recursive: true });
});
