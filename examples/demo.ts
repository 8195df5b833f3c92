/** Trains a small convolutional network on handwritten images, saves it and reads it back: `npm run demo -- --help`. */

import { join } from 'node:path';
import { Command, Option } from 'commander';
import * as torch from 'torchwright';
import { data, io, metrics, optim, train } from 'torchwright';
import { convNet, smoothedCrossEntropy } from './conv-net';
import { wholeNumber } from './lib/arguments';
import { IMAGE_DATASETS, loadImages } from './lib/images';

const options = new Command('npm run demo --')
  .description('Trains a small convolutional network on real handwritten images, prints its accuracy, writes weights and a report.')
  .addOption(new Option('--dataset <name>', 'what to learn (default: mnist, or digits when it cannot be had)').choices(IMAGE_DATASETS))
  .option('--data <folder>', "where the dataset's IDX files are (default: $TORCHWRIGHT_DATA, then the cache, then download)")
  .option('--epochs <n>', 'passes over the training images (default: 3, for a small set 15)', wholeNumber)
  .option('--seed <n>', 'seed of initial weights and batch order', wholeNumber, 0)
  .option('--device <name>', 'where to compute, such as cpu or cuda', 'cpu')
  .option('--out <folder>', 'where checkpoints, weights, learning curve, report and TensorBoard events are written', 'build/demo')
  .option('--resume', 'go on with the run in that folder, which Ctrl-C may have stopped')
  .parse()
  .opts<{ dataset?: string; data?: string; epochs?: number; seed: number; device: torch.DeviceLike; out: string; resume?: boolean }>();

/** The share of test images that a network names rightly. */
function accuracyOf(model: ReturnType<typeof convNet>, images: Iterable<[torch.Tensor, torch.Tensor]>): number {
  const accuracy = new metrics.Accuracy();
  for (const [x, y] of images)
    accuracy.update(
      torch.noGrad(() => model.forward(x.to(options.device))),
      y.to(options.device),
    );
  return accuracy.compute();
}

async function main(): Promise<void> {
  torch.manualSeed(options.seed);
  const { train: training, test, classes, source } = await loadImages(options.dataset, options.data);
  const size = training.tensors[0].size(-1);
  console.log(`${training.length} images of ${size} x ${size} to learn from, ${test.length} to test with, from ${source}`);

  const loader = new data.DataLoader(training, { batchSize: 32, shuffle: true, seed: options.seed });
  const validation = new data.DataLoader(test, { batchSize: 500 });
  const epochs = options.epochs ?? (training.length < 5000 ? 15 : 3);
  const model = convNet(size, classes.length).to(options.device);
  const optimizer = new optim.AdamW(model.parameters(), { lr: 5e-3 });
  const loss = ([x, y]: [torch.Tensor, torch.Tensor]) => smoothedCrossEntropy(model.forward(x.to(options.device)), y.to(options.device));
  const trainer = new train.Trainer({
    model,
    optimizer,
    loss,
    metrics: { accuracy: new metrics.Accuracy() },
    evaluate([x, y], { accuracy }) {
      accuracy.update(model.forward(x.to(options.device)), y.to(options.device));
      return loss([x, y]);
    },
    scheduler: new optim.lrScheduler.LinearLR(optimizer, { startFactor: 1, endFactor: 0, totalIters: epochs * loader.length }),
    schedulerInterval: 'step',
    monitor: 'validation.accuracy',
    mode: 'max',
    checkpoints: { folder: options.out, keepLast: 1 },
    onLog({ step, values }) {
      for (const [name, value] of Object.entries(values)) writer.addScalar(name.replace('.', '/'), value, { globalStep: step });
    },
  });
  if (options.resume) trainer.resume();
  // What an earlier run wrote there about the steps to come is void.
  const purgeStep = trainer.step === 0 ? 0 : trainer.step + 1;
  using writer = new io.SummaryWriter({ logDir: join(options.out, 'tensorboard'), purgeStep });
  if (trainer.step === 0) writer.addImages('test images', test.tensors[0].narrow(0, 0, 64));
  const { ending, history } = await trainer.fit(loader, { epochs, validation });
  if (ending === 'interrupted') return console.log(`Stopped after step ${trainer.step}; go on with --resume`);

  const final = accuracyOf(model, validation);
  console.log(`Test accuracy: ${(100 * final).toFixed(2)} %`);
  const [curve, report, weights] = ['learning-curve.svg', 'report.html', 'model.safetensors'].map((name) => join(options.out, name)) as [
    string,
    string,
    string,
  ];
  const title = 'Handwritten images: loss and accuracy';
  if (history.entries.length > 0)
    train.saveLearningCurves(curve, history, { title, names: ['loss', 'validation.loss', 'validation.accuracy'] });
  train.saveReport(report, history, { title, settings: { source, ...options, epochs }, results: { 'test accuracy': final } });
  io.safetensors.saveFile(model.stateDict(), weights);

  const copy = convNet(size, classes.length).to(options.device);
  copy.loadStateDict(io.safetensors.loadFile(weights));
  if (accuracyOf(copy, validation) !== final) throw new Error(`Expected the network read back from ${weights} to answer as before`);
  console.log(
    `Learning curve: ${curve}\nReport: ${report}\nTensorBoard: tensorboard --logdir ${writer.logDir}\nWeights: ${weights}, read back into a new network: the same answers`,
  );
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
