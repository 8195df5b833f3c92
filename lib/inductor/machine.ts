/** Whether machine code is for this machine: what another one's would do is end the process. */

import { malformed, type Source } from '../io/source';
import { showConfig } from '../tensor/settings';

/** Node's words for processors with those of Python, where models are compiled. */
const ARCHITECTURES: Readonly<Record<string, readonly string[]>> = { x64: ['x86_64', 'amd64'], arm64: ['aarch64', 'arm64'] };
/** Each has those before it. */
const LEVELS = ['AVX2', 'AVX512'];

/**
 * Compares what the compiler wrote about the machine, which old versions do not.
 *
 * @throws when it is another system or processor, or one that lacks the instructions
 */
export function checkMachine(metadata: Readonly<Record<string, string>>, source: Source): void {
  const { AOTI_PLATFORM: platform, AOTI_MACHINE: machine, AOTI_CPU_ISA: instructions = '' } = metadata;
  if (platform !== undefined && platform !== process.platform)
    throw malformed(source, `a model for ${process.platform}`, `one for ${platform}`);
  const names = ARCHITECTURES[process.arch] ?? [process.arch];
  if (machine !== undefined && !names.includes(machine.toLowerCase()))
    throw malformed(source, `a model for ${names[0]}`, `one for ${machine}`);
  const needed = LEVELS.findLastIndex((level) => instructions.includes(level));
  const here = /CPU capability usage: (\S+)/.exec(showConfig())?.[1] ?? 'none';
  if (needed > LEVELS.indexOf(here))
    throw malformed(source, `a model for this processor, which has ${here} of ${LEVELS.join(' and ')}`, `one for ${instructions}`);
}
