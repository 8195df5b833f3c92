// Starts the package in processes of its own.
import { spawn } from 'node:child_process';
import path from 'node:path';

export const root = path.resolve(__dirname, '..', '..', '..');

export interface Ended {
  code: number | null;
  out: string;
  err: string;
}

/** Runs Node with `args` and waits; an undefined variable is unset. Both streams are kept apart. */
export function node(args: string[], env: Record<string, string | undefined> = {}, cwd = root): Promise<Ended> {
  const child = spawn(process.execPath, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.on('data', (text) => (out += text));
  child.stderr.on('data', (text) => (err += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

/** Makes Node read our TypeScript as it lies there, so that no build can be out of date. */
export const fromSources = ['--import', 'tsx'];
