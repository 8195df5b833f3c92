/** Streams and events. */

import * as torch from '../../lib';
import { describeCuda } from './gpu';

describeCuda('streams', () => {
  test('work in a stream of its own, waited for', () => {
    torch.scope(() => {
      const side = new torch.cuda.Stream();
      const x = torch.ones(1024, 1024, { device: 'cuda' });
      side.waitStream(torch.cuda.currentStream());
      const y = torch.cuda.stream(side, () => x.matmul(x));
      torch.cuda.currentStream().waitStream(side);
      expect(y.mean().item()).toBe(1024);
      side.synchronize();
      expect(side.query()).toBe(true);
      expect(side.device).toBe(0);
    });
  });

  test('the stream before comes back, also after an exception', () => {
    const side = new torch.cuda.Stream({ priority: -1 });
    const current = () => torch.cuda.currentStream()._packed.join();
    const before = current();
    expect(torch.cuda.stream(side, current)).toBe(side._packed.join());
    expect(() =>
      torch.cuda.stream(side, () => {
        throw new Error('inside');
      }),
    ).toThrow('inside');
    expect(current()).toBe(before);
  });

  test('events measure and order work', () => {
    torch.scope(() => {
      const [start, end] = [new torch.cuda.Event({ enableTiming: true }), new torch.cuda.Event({ enableTiming: true })];
      const x = torch.ones(2048, 2048, { device: 'cuda' });
      start.record();
      for (let i = 0; i < 5; i++) x.matmul(x);
      end.record();
      end.synchronize();
      expect([start.query(), end.query()]).toEqual([true, true]);
      expect(start.elapsedTime(end)).toBeGreaterThan(0);
      const side = new torch.cuda.Stream();
      side.waitEvent(end);
      side.synchronize();
    });
  });

  test('what is no stream is refused', () => {
    expect(() => torch.cuda.stream(1 as never, () => 1)).toThrow(/Expected a cuda.Stream/);
  });
});
