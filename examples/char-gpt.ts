/** Trains a small GPT on the characters of a text, and lets it write: `npm run gpt -- --help`. */

import { join } from 'node:path';
import { Command } from 'commander';
import * as torch from 'torchwright';
import { data, io, models, nn, optim, train } from 'torchwright';
import { wholeNumber } from './lib/arguments';

const options = new Command('npm run gpt --')
  .description("Trains a small GPT on the characters of Shakespeare's plays, prints its validation loss and what it writes.")
  .option('--text <file>', 'learn another text, in UTF-8')
  .option('--data <folder>', 'where the folder with input.txt is (default: $TORCHWRIGHT_DATA, then the cache, then download)')
  .option('--steps <n>', 'steps of the optimizer, each with 16 pieces of 64 characters', wholeNumber, 1500)
  .option('--prompt <text>', 'what it shall go on with', '\n')
  .option('--length <n>', 'characters to write', wholeNumber, 500)
  .option('--seed <n>', 'seed of initial weights, batch order and sample', wholeNumber, 0)
  .option('--device <name>', 'where to compute, such as cpu or cuda', 'cpu')
  .option('--out <folder>', 'where checkpoints, weights, learning curve and report are written', 'build/gpt')
  .option('--resume', 'go on with the run in that folder, which Ctrl-C may have stopped; a complete one only writes')
  .parse()
  .opts<{
    text?: string;
    data?: string;
    steps: number;
    prompt: string;
    length: number;
    seed: number;
    device: torch.DeviceLike;
    out: string;
    resume?: boolean;
  }>();

const BLOCK = 64; // characters that the network sees
const BATCH = 16;
const VALIDATIONS = 5;

async function main(): Promise<void> {
  torch.manualSeed(options.seed);
  const text = options.text === undefined ? await data.tinyShakespeare({ dir: options.data }) : data.CharacterText.fromFile(options.text);
  // Here already, so that a prompt which it cannot go on with is refused before the training.
  const prompt = text.encode(options.prompt).unsqueeze(0).to(options.device);
  if (prompt.numel() === 0) throw new Error('Expected one character or more for --prompt but received none');
  console.log(`${text.tokens.numel()} characters, ${text.vocabulary.length} different ones; the last tenth is for validation`);

  const training = text.blocks(BLOCK, { to: 0.9 });
  // A pass over all positions would take hours, so an epoch is a share of the steps, each piece drawn from anywhere.
  const perEpoch = Math.max(1, Math.ceil(options.steps / VALIDATIONS));
  const sampler = new data.RandomSampler(training, { replacement: true, numSamples: perEpoch * BATCH, seed: options.seed });
  const loader = new data.DataLoader(training, { batchSize: BATCH, sampler });
  const validation = new data.DataLoader(text.blocks(BLOCK, { from: 0.9, stride: BLOCK }), { batchSize: BATCH });

  const model = new models.GPT(text.vocabulary.length, BLOCK, { numLayers: 4, numHeads: 4, embedDim: 128 }).to(options.device);
  const parameters = (matrices: boolean) => [...model.parameters()].filter((parameter) => parameter.dim() > 1 === matrices);
  const optimizer = new optim.AdamW(
    [
      { params: parameters(true), weightDecay: 0.1 },
      { params: parameters(false), weightDecay: 0 },
    ],
    { betas: [0.9, 0.99] },
  );
  const trainer = new train.Trainer({
    model,
    optimizer,
    loss: ([tokens, next]: data.TokenBlock) =>
      nn.functional.crossEntropy(model.forward(tokens.to(options.device)).flatten(0, 1), next.to(options.device).flatten()),
    scheduler: new optim.lrScheduler.OneCycleLR(optimizer, 3e-3, {
      totalSteps: options.steps + 1,
      pctStart: 0.1,
      cycleMomentum: false,
    }),
    schedulerInterval: 'step',
    clipNorm: 1,
    checkpoints: { folder: options.out, keepLast: 1 },
  });
  const { ending, history } = await trainer.fit(loader, {
    epochs: VALIDATIONS,
    maxSteps: options.steps,
    validation,
    resume: options.resume ?? false,
  });
  if (ending === 'interrupted') return console.log(`Stopped after step ${trainer.step}; go on with --resume`);

  const { loss = Number.NaN } = await trainer.evaluate(validation);
  console.log(`Validation loss: ${loss.toFixed(4)} nats per character, as if ${Math.exp(loss).toFixed(2)} characters were equally likely`);
  torch.manualSeed(options.seed);
  const written = model.eval().generate(prompt, { maxNewTokens: options.length, temperature: 0.8 });
  const sample = text.decode(written.squeeze(0).cpu());
  console.log(`--- a sample ---\n${sample}\n----------------`);

  const [curve, report, weights] = [
    join(options.out, 'learning-curve.svg'),
    join(options.out, 'report.html'),
    join(options.out, 'model.safetensors'),
  ];
  const title = 'A GPT of characters: loss';
  if (history.entries.length > 0) train.saveLearningCurves(curve, history, { title, names: ['loss', 'validation.loss'] });
  train.saveReport(report, history, { title, settings: { ...options }, results: { 'validation loss': loss, sample } });
  io.safetensors.saveFile(model.stateDict(), weights, { metadata: { vocabulary: JSON.stringify(text.vocabulary) } });
  console.log(`Learning curve: ${curve}\nReport: ${report}\nWeights: ${weights}`);
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
