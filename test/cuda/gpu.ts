import * as torch from '../../lib';

const why = torch.cuda.whyUnavailable();
let told = false;

/** `describe` on a machine with CUDA; elsewhere it says once per file why its tests are skipped. */
export function describeCuda(name: string, tests: () => void): void {
  if (why === null) {
    describe(name, tests);
    return;
  }
  if (!told) process.stderr.write(`Skipped, because they need CUDA: "${name}" and the like. ${why}\n`);
  told = true;
  describe.skip(name, tests);
}
