// Looks at everything that the package needs, one finding after the other, each with what to do about it.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { cudaWanted, driverVisible, type Libtorch, listTried, locate } from '../libtorch/locate.cjs';
import { DEFAULT_VERSION, INSTALL_COMMAND } from '../libtorch/versions.cjs';
import { firstLine, type Loader, loadLoader, packageRoot } from '../loader';
import type { Probe } from './probe';

/** One line of the doctor's report. */
export interface Finding {
  /** 'wrong' stops the package from working; 'note' is worth knowing. */
  state: 'ok' | 'note' | 'wrong';
  subject: string;
  text: string;
  /** What to do about it. */
  advice?: string;
}

const OLDEST_NODE = 20;

function node(): Finding {
  const found = Number(process.versions.node.split('.')[0]) >= OLDEST_NODE;
  const text = `${process.versions.node} (Node-API ${process.versions.napi}) on ${process.platform}-${process.arch}`;
  return found
    ? { state: 'ok', subject: 'Node', text }
    : { state: 'wrong', subject: 'Node', text, advice: `install Node ${OLDEST_NODE} or newer` };
}

function addon(): { finding: Finding; loader: Loader | null } {
  try {
    const { file, loader } = loadLoader();
    const text = `${path.relative(packageRoot, file)}, compiled for libtorch ${loader.compiledFor} with ${loader.compiledWith}`;
    return { finding: { state: 'ok', subject: 'Addon', text }, loader };
  } catch (error) {
    return { finding: { state: 'wrong', subject: 'Addon', text: firstLine(error) }, loader: null };
  }
}

function libtorch(version: string): { finding: Finding; found: Libtorch | null } {
  const { found, tried, named } = locate({ version });
  if (found) {
    const text = `${found.version}, ${found.cuda ? `CUDA ${found.cuda}` : 'CPU'} build, in ${found.root} (${origin(found)})`;
    return { finding: { state: 'ok', subject: 'libtorch', text }, found };
  }
  const asked = version === DEFAULT_VERSION ? '' : ` --libtorch-version ${version}`;
  const advice = named ? 'correct the variable or unset it' : `run \`${INSTALL_COMMAND}${asked}\``;
  return {
    finding: { state: 'wrong', subject: 'libtorch', text: `no ${version} was found. Looked at:\n${listTried(tried)}`, advice },
    found: null,
  };
}

function origin({ source }: Libtorch): string {
  if (source === 'cache') return 'the cache';
  return source === 'python' ? "Python's torch" : `named by ${source}`;
}

function load(): { finding: Finding; probe: Probe | null } {
  const script = path.join(__dirname, `probe${path.extname(__filename)}`);
  // The same options, so that it also runs from the TypeScript sources.
  const result = spawnSync(process.execPath, [...process.execArgv, script], { encoding: 'utf8', timeout: 120_000 });
  const subject = 'Computing';
  if (result.status === 0) {
    const probe = JSON.parse(result.stdout) as Probe;
    if (probe.eight === 8) return { finding: { state: 'ok', subject, text: 'the addon loads and computes' }, probe };
    return { finding: { state: 'wrong', subject, text: `Expected 8 for a small sum but received ${probe.eight}` }, probe };
  }
  const said = result.stderr.split('\n').find((line) => /^\w*Error\b/.test(line)) ?? result.stderr.trim().split('\n').at(-1) ?? '';
  const text = `loading it ended with ${result.status ?? result.signal ?? result.error?.message}: ${said.trim()}`;
  return { finding: { state: 'wrong', subject, text, advice: 'build the addon anew, or take another libtorch' }, probe: null };
}

function cpu(probe: Probe | null): Finding {
  const model = os.cpus()[0]?.model.trim() ?? 'unknown';
  const threads = probe ? `, libtorch uses ${probe.threads} of ${os.availableParallelism()} threads` : '';
  return { state: 'ok', subject: 'CPU', text: `${model}, ${(os.totalmem() / 2 ** 30).toFixed(0)} GiB of memory${threads}` };
}

function gpu(found: Libtorch | null, probe: Probe | null): Finding {
  const subject = 'GPU';
  const smi = spawnSync('nvidia-smi', ['--query-gpu=name,memory.total,driver_version', '--format=csv,noheader'], { encoding: 'utf8' });
  const names = smi.status === 0 ? smi.stdout.trim().split('\n').join('; ') : 'an NVIDIA driver';
  if (process.env.TORCHWRIGHT_CUDA === '0') return { state: 'note', subject, text: 'switched off by TORCHWRIGHT_CUDA=0' };
  if (probe && probe.gpus > 0) return { state: 'ok', subject, text: `${probe.gpus} in use: ${names}` };
  if (!driverVisible()) {
    const cause = probe?.libtorch.cudaProblem ? `; CUDA did not open: ${probe.libtorch.cudaProblem}` : '';
    return { state: cudaWanted() ? 'wrong' : 'note', subject, text: `no NVIDIA driver on this machine, so the CPU computes${cause}` };
  }
  if (found && found.cuda === null) {
    return {
      state: 'note',
      subject,
      text: `${names} is here, but this libtorch is a CPU build`,
      advice: `run \`${INSTALL_COMMAND} --cuda\``,
    };
  }
  const cause = probe?.libtorch.cudaProblem ?? 'libtorch sees no device; the driver may be too old for this CUDA';
  return {
    state: 'wrong',
    subject,
    text: `${names} is here, but it cannot be used: ${cause}`,
    advice: 'update the driver, or set TORCHWRIGHT_CUDA=0',
  };
}

function tools(): Finding {
  const version = (program: string): string | null => {
    const result = spawnSync(program, ['--version'], { encoding: 'utf8' });
    return result.status === 0 ? result.stdout.split('\n')[0].trim() : null;
  };
  const wanted = { 'a C++20 compiler': ['c++', 'g++', 'clang++'], CMake: ['cmake'], Python: ['python3', 'python'] };
  const there: string[] = [];
  const missing: string[] = [];
  for (const [what, programs] of Object.entries(wanted)) {
    const answer = programs.map(version).find((line) => line !== null);
    if (answer) there.push(answer);
    else missing.push(what);
  }
  const text = there.join('; ') || 'none';
  if (missing.length === 0) return { state: 'ok', subject: 'Build tools', text };
  return {
    state: 'note',
    subject: 'Build tools',
    text: `${text}; missing: ${missing.join(', ')} (only for building the addon and fetching wheels)`,
  };
}

/** Everything about this machine that the package depends on. */
export function diagnose(): Finding[] {
  const { finding: addonFinding, loader } = addon();
  const { finding: libtorchFinding, found } = libtorch(loader?.compiledFor ?? DEFAULT_VERSION);
  const loaded = loader && found ? load() : null;
  const probe = loaded?.probe ?? null;
  return [node(), addonFinding, libtorchFinding, ...(loaded ? [loaded.finding] : []), cpu(probe), gpu(found, probe), tools()];
}

/** Prints the findings and what to do. @returns the exit code: 1 when something is wrong */
export function doctor(write: (text: string) => unknown = (text) => process.stdout.write(text)): number {
  const { version } = JSON.parse(fs.readFileSync(path.join(packageRoot, 'package.json'), 'utf8')) as { version: string };
  write(`torchwright ${version} in ${packageRoot}\n\n`);
  const findings = diagnose();
  for (const { state, subject, text, advice } of findings) {
    write(`${{ ok: '  ok  ', note: ' note ', wrong: 'WRONG ' }[state]} ${subject.padEnd(12)} ${text}\n`);
    if (advice) write(`${' '.repeat(20)}-> ${advice}\n`);
  }
  const wrong = findings.filter(({ state }) => state === 'wrong').length;
  write(wrong === 0 ? '\nEverything that is needed is here.\n' : `\n${wrong} ${wrong === 1 ? 'thing is' : 'things are'} wrong.\n`);
  return wrong === 0 ? 0 : 1;
}
