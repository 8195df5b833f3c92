/** Node processes and worker threads of their own, for what must not end this one: crashes, exits, peaks of memory. */

import { spawn } from 'node:child_process';
import path from 'node:path';
import { Worker } from 'node:worker_threads';

const ROOT = path.resolve(__dirname, '../..');
const TSX = require.resolve('tsx/cjs');
const LIBRARY = path.join(ROOT, 'lib');

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs JavaScript text in a new process, in which `torch` is the package, and waits for its end. */
export function runScript(text: string, options: { env?: NodeJS.ProcessEnv; limits?: string; timeout?: number } = {}): Promise<Ended> {
  const source = `const torch = require(${JSON.stringify(LIBRARY)});\n${text}`;
  const node = [process.execPath, '--require', TSX, '-e', source];
  const [command, ...args] = options.limits === undefined ? node : ['sh', '-c', `${options.limits}; exec "$0" "$@"`, ...node];
  const child = spawn(command as string, args, {
    cwd: ROOT,
    env: { ...process.env, OMP_NUM_THREADS: '1', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (data: Buffer) => {
    stdout += data.toString();
  });
  child.stderr?.on('data', (data: Buffer) => {
    stderr += data.toString();
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), options.timeout ?? 40_000);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, stdout, stderr });
    });
  });
}

/** The same, and the value that the script prints as JSON in its last line. Fails with the script's own words when it fails. */
export async function resultOf<T>(text: string, options: Parameters<typeof runScript>[1] = {}): Promise<T> {
  const { code, signal, stdout, stderr } = await runScript(text, options);
  if (code !== 0) throw new Error(`the script ended with ${signal ?? `exit code ${code}`}:\n${stdout}\n${stderr}`);
  return JSON.parse(stdout.trim().split('\n').at(-1) as string) as T;
}

/** A worker thread that runs JavaScript text, in which `torch` is the package and `parentPort` the way back. */
export function startWorker(text: string, workerData: unknown = null): Worker {
  const source = `require(${JSON.stringify(TSX)});
    const { parentPort, workerData } = require('node:worker_threads');
    const torch = require(${JSON.stringify(LIBRARY)});
    ${text}`;
  return new Worker(source, { eval: true, execArgv: [], workerData });
}

/** The next message of a worker; an error or an early end of it is an error here. */
export function nextMessage<T>(worker: Worker): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      worker.off('message', onMessage);
      worker.off('error', onError);
      worker.off('exit', onExit);
    };
    const onMessage = (message: T) => {
      stop();
      resolve(message);
    };
    const onError = (error: unknown) => {
      stop();
      reject(error);
    };
    const onExit = (code: number) => {
      stop();
      reject(new Error(`the worker ended with code ${code} before it answered`));
    };
    worker.on('message', onMessage);
    worker.on('error', onError);
    worker.on('exit', onExit);
  });
}
