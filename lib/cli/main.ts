#!/usr/bin/env node
// `npx torchwright`: must work where libtorch or the addon is missing, so nothing here imports the package itself.
import fs from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { listTried } from '../libtorch/locate.cjs';
import { DEFAULT_VERSION, SUPPORTED } from '../libtorch/versions.cjs';
import { packageRoot } from '../loader';
import { doctor } from './doctor';
import { type InstallOptions, install, type WhereOptions, where } from './libtorch';

const { version } = JSON.parse(fs.readFileSync(path.join(packageRoot, 'package.json'), 'utf8')) as { version: string };
const program = new Command('torchwright').description('libtorch for TypeScript').version(version);

program
  .command('doctor')
  .description('look at Node, libtorch, the addon and the devices, and say what to do; exit code 1 when something is wrong')
  .action(() => {
    process.exitCode = doctor();
  });

const libtorch = program.command('libtorch').description('bring libtorch, or tell where it is');
const versionHelp = `from ${SUPPORTED}; default: what the addon was compiled for, else ${DEFAULT_VERSION}`;

libtorch
  .command('install')
  .description('download libtorch into the per-user cache; does nothing when it is there; goes on where an interrupted run stopped')
  .option('--cuda', "the build with CUDA's libraries (several GB)")
  .option('--libtorch-version <version>', versionHelp)
  .option('--dir <folder>', 'put it there instead')
  .option('--force', 'again, even when it is there')
  .action((options: InstallOptions) => install(options));

libtorch
  .command('where')
  .description('print the folder of the libtorch that is used')
  .option('--cuda', 'only one with CUDA')
  .option('--libtorch-version <version>', versionHelp)
  .action((options: WhereOptions) => where(options));

program.parseAsync().catch((error: Error & { tried?: { place: string; problem: string }[] }) => {
  process.stderr.write(`${error.message}\n`);
  // An installation's message lists its tries itself.
  if (error.tried && !error.message.includes('Tried:')) process.stderr.write(`Looked at:\n${listTried(error.tried)}\n`);
  process.exitCode = 1;
});
