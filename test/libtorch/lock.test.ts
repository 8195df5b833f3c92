import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { acquire } from '../../lib/libtorch/lock.cjs';
import { rejection, temporaryFolder } from './support/fake';

const folder = temporaryFolder();
const file = () => path.join(folder(), 'deep', 'x.lock');

test('the second waits until the first gives it back', async () => {
  const order: string[] = [];
  const first = await acquire(file());
  const second = acquire(file(), { onWait: (pid) => order.push(`waits for ${pid}`) }).then((release) => {
    order.push('second');
    release();
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  order.push('first done');
  first();
  await second;
  expect(order).toEqual([`waits for ${process.pid}`, 'first done', 'second']);
  expect(fs.readdirSync(path.dirname(file()))).toEqual([]);
});

test('never two at once, however many want it', async () => {
  let inside = 0;
  let most = 0;
  const one = async () => {
    const release = await acquire(file());
    most = Math.max(most, ++inside);
    await new Promise((resolve) => setTimeout(resolve, 5));
    inside--;
    release();
  };
  await Promise.all(Array.from({ length: 6 }, one));
  expect(most).toBe(1);
});

test('the lock of a process that was killed is taken over', async () => {
  const script = `require(${JSON.stringify(require.resolve('../../lib/libtorch/lock.cjs'))}).acquire(process.argv[1]).then(() => { console.log('has it'); setInterval(() => {}, 1000); })`;
  const child = spawn(process.execPath, ['-e', script, file()], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const gone = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGKILL');
  await gone;
  expect(fs.existsSync(file())).toBe(true);
  const waited: number[] = [];
  (await acquire(file(), { onWait: (pid) => waited.push(pid) }))();
  expect(waited).toEqual([]);
});

test('a later process with the same id is not mistaken for the owner', async () => {
  fs.mkdirSync(path.dirname(file()));
  fs.writeFileSync(file(), JSON.stringify({ pid: process.pid, start: 'an earlier one', host: os.hostname(), id: 'x' }));
  (await acquire(file()))();
});

test('an owner on another machine counts as long as its heartbeat is heard', async () => {
  fs.mkdirSync(path.dirname(file()));
  fs.writeFileSync(file(), JSON.stringify({ pid: 1, start: '', host: 'another', id: 'x' }));
  const error = await rejection(acquire(file(), { signal: AbortSignal.timeout(300) }));
  expect(error.name).toBe('TimeoutError');
  const old = new Date(Date.now() - 120_000);
  fs.utimesSync(file(), old, old);
  (await acquire(file()))();
});

test('giving back takes nobody else away', async () => {
  const release = await acquire(file());
  fs.writeFileSync(file(), JSON.stringify({ pid: process.pid, start: '', host: os.hostname(), id: 'of another' }));
  release();
  expect(fs.existsSync(file())).toBe(true);
});
