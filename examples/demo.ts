/** Trains a small convolutional network on handwritten images, saves it and reads it back: `npm run demo -- --help`. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import * as torch from 'torchwright';
import { data, io, optim } from 'torchwright';
import { convNet, smoothedCrossEntropy } from './conv-net';
import { wholeNumber } from './lib/arguments';
import { IMAGE_DATASETS, loadImages } from './lib/images';
import { saveLearningCurve } from './lib/learning-curve';

const options = new Command('npm run demo --')
  .description(
    'Trains a small convolutional network on real handwritten images, prints its accuracy, writes a learning curve and the weights.',
  )
  .addOption(new Option('--dataset <name>', 'what to learn (default: mnist, or digits when it cannot be had)').choices(IMAGE_DATASETS))
  .option('--data <folder>', "where the dataset's IDX files are (default: $TORCHWRIGHT_DATA, then the cache, then download)")
  .option('--epochs <n>', 'passes over the training images (default: 3, for a small set 15)', wholeNumber)
  .option('--seed <n>', 'seed of initial weights and batch order', wholeNumber, 0)
  .option('--device <name>', 'where to compute, such as cpu or cuda', 'cpu')
  .option('--out <folder>', 'where the learning curve and the weights are written', 'build/demo')
  .parse()
  .opts<{ dataset?: string; data?: string; epochs?: number; seed: number; device: torch.DeviceLike; out: string }>();

function accuracy(model: ReturnType<typeof convNet>, images: data.LabelledImages): number {
  let correct = 0;
  for (const [x, y] of new data.DataLoader(images, { batchSize: 500 })) {
    const answers = torch.noGrad(() => model.forward(x.to(options.device)).argmax(1));
    correct += Number(answers.eq(y.to(options.device)).sum().item());
  }
  return correct / images.length;
}

async function main(): Promise<void> {
  torch.manualSeed(options.seed);
  const { train, test, classes, source } = await loadImages(options.dataset, options.data);
  const size = train.tensors[0].size(-1);
  console.log(`${train.length} images of ${size} x ${size} to learn from, ${test.length} to test with, from ${source}`);

  const model = convNet(size, classes.length).to(options.device);
  const optimizer = new optim.AdamW(model.parameters(), { lr: 5e-3 });
  const loader = new data.DataLoader(train, { batchSize: 32, shuffle: true, seed: options.seed });
  const epochs = options.epochs ?? (train.length < 5000 ? 15 : 3);
  const losses: number[] = [];
  const accuracies: { step: number; accuracy: number }[] = [];
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const bar = data.progress(loader, { label: `epoch ${epoch}/${epochs}` });
    for (const [x, y] of bar) {
      for (const group of optimizer.paramGroups) group.lr = 5e-3 * (1 - losses.length / (epochs * loader.length));
      const loss = smoothedCrossEntropy(model.forward(x.to(options.device)), y.to(options.device));
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      losses.push(Number(loss.item()));
      bar.status({ loss: losses.at(-1) as number });
    }
    accuracies.push({ step: losses.length, accuracy: accuracy(model, test) });
  }
  const final = accuracy(model, test);
  console.log(`Test accuracy: ${(100 * final).toFixed(2)} %`);

  mkdirSync(options.out, { recursive: true });
  const [curve, weights] = [join(options.out, 'learning-curve.svg'), join(options.out, 'model.safetensors')];
  saveLearningCurve(curve, { title: 'Handwritten images: loss and accuracy', losses, accuracies });
  io.safetensors.saveFile(model.stateDict(), weights);

  const copy = convNet(size, classes.length).to(options.device);
  copy.loadStateDict(io.safetensors.loadFile(weights));
  if (accuracy(copy, test) !== final) throw new Error(`Expected the network read back from ${weights} to answer as before`);
  console.log(`Learning curve: ${curve}\nWeights: ${weights}, read back into a new network: the same answers`);
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
