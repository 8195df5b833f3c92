import { train } from '../../lib';

test('the first signal asks, the second ends the process; afterwards signals are their own again', () => {
  const listeners = process.listenerCount('SIGINT');
  const exit = jest.spyOn(process, 'exit').mockImplementation((() => undefined) as never);
  let text = '';
  const interrupts = train.listenForInterrupts({ write: (more) => (text += more) });
  expect(interrupts.requested).toBe(false);
  process.emit('SIGINT', 'SIGINT');
  expect(interrupts.requested).toBe(true);
  expect(text).toBe('\nCtrl-C: stopping after this step; once more stops at once\n');
  expect(exit).not.toHaveBeenCalled();
  process.emit('SIGTERM', 'SIGTERM');
  expect(exit).toHaveBeenCalledWith(143);
  interrupts.close();
  expect(process.listenerCount('SIGINT')).toBe(listeners);
  exit.mockRestore();
});
