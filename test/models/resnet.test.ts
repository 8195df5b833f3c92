import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as torch from '../../lib';
import { io, models } from '../../lib';
import { expectClose } from '../close';
import { findPython, runPython } from '../python';
import { numbers, savedResNet, stored } from './reference';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'resnet-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const images = (): torch.Tensor => numbers([2, 3, 64, 64]).to('float32');

test("a narrow ResNet-18 that PyTorch saved loads, gives PyTorch's logits, and is saved with the same values", () => {
  const model = models.resnet18({ numClasses: 10, width: 2 });
  const state = io.loadPt(savedResNet);
  expect(model.loadStateDict(state)).toEqual({ missingKeys: [], unexpectedKeys: [] });
  expectClose(model.eval().forward(images()), stored['resnet.pt'].flat(), 1e-5);
  const file = path.join(folder, 'resnet.pt');
  io.savePt(model.stateDict(), file);
  const again = io.loadPt(file);
  expect(Object.keys(again)).toEqual(Object.keys(state));
  for (const [key, value] of Object.entries(again)) expect(torch.equal(value, state[key] as torch.Tensor)).toBe(true);
});

/** Saves a ResNet-18 with random weights and statistics, and gives its logits for the images that stand in a file. */
const SAVE = `
import sys, torch
from resnet import resnet18
torch.manual_seed(11)
model = resnet18()
for module in model.modules():
    if isinstance(module, torch.nn.BatchNorm2d):
        module.running_mean.normal_(0, 0.1)
        module.running_var.uniform_(0.5, 1.5)
torch.save(model.state_dict(), sys.argv[1])
images = torch.load(sys.argv[2], weights_only=True)
with torch.no_grad():
    torch.save(model.eval()(images), sys.argv[3])
`;

/** Loads what was saved back, and says whether it is the same, and the same network. */
const COMPARE = `
import sys, torch
from resnet import resnet18
first, second = (torch.load(path, weights_only=True) for path in sys.argv[1:3])
assert list(first) == list(second)
assert all(torch.equal(first[key], second[key]) and first[key].dtype == second[key].dtype for key in first)
print(resnet18().load_state_dict(second))
`;

test("a whole ResNet-18 goes from PyTorch to here with PyTorch's logits, and back", () => {
  const python = findPython(['torch'], 'the exchange of a whole ResNet-18 with PyTorch');
  if (python === null) return;
  const [saved, input, logits, back] = ['saved.pt', 'images.pt', 'logits.pt', 'back.pt'].map((name) => path.join(folder, name));
  const search = `import sys; sys.dont_write_bytecode = True; sys.path.insert(0, ${JSON.stringify(path.dirname(savedResNet))})\n`;
  io.savePt(images(), input as string);
  runPython(python, search + SAVE, [saved as string, input as string, logits as string]);
  const model = models.resnet18();
  expect(model.loadStateDict(io.loadPt(saved as string))).toEqual({ missingKeys: [], unexpectedKeys: [] });
  const wanted = io.loadPt<torch.Tensor>(logits as string);
  expect(wanted.shape).toEqual([2, 1000]);
  expectClose(model.eval().forward(images()), wanted.flatten().toArray() as number[], 1e-5);
  io.savePt(model.stateDict(), back as string);
  expect(runPython(python, search + COMPARE, [saved as string, back as string])).toMatch('<All keys matched successfully>');
});
