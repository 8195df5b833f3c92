/** Without CUDA everything says so in one sentence, and what PyTorch lets pass does nothing. */

import * as torch from '../../lib';

const why = torch.cuda.whyUnavailable();
if (why === null) process.stderr.write('Skipped, because this machine has CUDA: what happens without it.\n');

(why === null ? describe.skip : describe)('without CUDA', () => {
  test('it is not available, and the reason is a sentence', () => {
    expect([torch.cuda.isAvailable(), torch.cuda.deviceCount()]).toEqual([false, 0]);
    expect(why).toMatch(/CUDA|GPU/);
  });

  test.each<[string, () => unknown]>([
    ['a tensor made there', () => torch.zeros(2, { device: 'cuda' })],
    ['a tensor of values', () => torch.tensor([1], { device: 'cuda:0' })],
    ['to', () => torch.zeros(2).to('cuda')],
    ['cuda', () => torch.zeros(2).cuda()],
    ['a module', () => new torch.nn.Linear(2, 2).to('cuda')],
    ['currentDevice', () => torch.cuda.currentDevice()],
    ['setDevice', () => torch.cuda.setDevice(0)],
    ['getDeviceName', () => torch.cuda.getDeviceName()],
    ['synchronize', () => torch.cuda.synchronize()],
    ['memoryAllocated', () => torch.cuda.memoryAllocated()],
    ['memoryStats', () => torch.cuda.memoryStats()],
    ['memGetInfo', () => torch.cuda.memGetInfo()],
    ['emptyCache', () => torch.cuda.emptyCache()],
    ['a stream', () => new torch.cuda.Stream()],
    ['currentStream', () => torch.cuda.currentStream()],
    ['an event', () => new torch.cuda.Event()],
    ['a generator', () => new torch.Generator('cuda')],
  ])('%s', (_, call) => {
    let message = 'nothing was thrown';
    try {
      call();
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toMatch(/CUDA is not available/);
    expect(message).toContain(why);
    expect(message).not.toMatch(/\n/);
  });

  test('seeds and switches do nothing', () => {
    torch.cuda.manualSeed(1);
    torch.cuda.manualSeedAll(1);
    const before = torch.getFloat32MatmulPrecision();
    torch.setFloat32MatmulPrecision('high');
    expect(torch.getFloat32MatmulPrecision()).toBe('high');
    torch.setFloat32MatmulPrecision(before);
  });
});
