import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { io, models } from '../../lib';
import { runExample } from './run';

const VERSE = 'One for the master, two for the dame,\nand three for the little boy who lives down the lane.\n';
const characters = [...new Set(VERSE)].sort();

let out: string;
let text: string;
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'gpt-'));
  text = join(out, 'verse.txt');
  writeFileSync(text, VERSE.repeat(40));
});
afterEach(() => rmSync(out, { recursive: true }));

const gpt = (...args: string[]) => runExample('char-gpt.ts', out, args);

test('the GPT learns a text, writes on, leaves curve, report and weights, and writes the same again', () => {
  const args = ['--text', text, '--steps', '40', '--prompt', 'two', '--length', '30', '--out', out];
  const { status, stdout, stderr } = gpt(...args);
  expect(stderr).toContain('epoch 5/5 8/8');
  expect(status).toBe(0);
  expect(stdout).toContain(`${40 * VERSE.length} characters, ${characters.length} different ones`);
  // Well below what the frequencies of the characters alone allow.
  const counts = characters.map((character) => VERSE.split(character).length - 1);
  const unigram = -counts.reduce((sum, count) => sum + (count / VERSE.length) * Math.log(count / VERSE.length), 0);
  expect(Number(/Validation loss: ([\d.]+) /.exec(stdout)?.[1])).toBeLessThan(0.9 * unigram);
  const sample = /--- a sample ---\n(.*)\n----------------/s.exec(stdout)?.[1] as string;
  expect(sample).toMatch(/^two/);
  expect(sample).toHaveLength(3 + 30);
  expect(characters).toEqual(expect.arrayContaining([...sample]));

  expect(readFileSync(join(out, 'learning-curve.svg'), 'utf8')).toContain('validation.loss');
  expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('<th>steps</th><td>40</td>');
  const weights = join(out, 'model.safetensors');
  const { metadata } = io.safetensors.readHeader(weights);
  expect(JSON.parse(metadata.vocabulary as string)).toEqual(characters);
  const model = new models.GPT(characters.length, 64, { numLayers: 4, numHeads: 4, embedDim: 128 });
  model.loadStateDict(io.safetensors.loadFile(weights));

  // A run that is complete has nothing left to learn.
  const again = gpt(...args, '--resume');
  expect(again.stderr).not.toContain('epoch');
  const told = (output: string): string => output.slice(output.indexOf('Validation loss'), output.indexOf('Learning curve'));
  expect(told(again.stdout)).toBe(told(stdout));
}, 120_000);

test('it explains itself, and says in a sentence what is wrong', () => {
  const help = gpt('--help');
  expect(help.status).toBe(0);
  for (const option of ['--text', '--data', '--steps', '--prompt', '--length', '--seed', '--device', '--out', '--resume'])
    expect(help.stdout).toContain(option);
  const refused = (message: string, ...args: string[]): void => {
    const { status, stderr } = gpt(...args, '--out', out);
    expect([stderr.trim(), status]).toEqual([message, 1]);
  };
  refused(`Expected the files of tiny-shakespeare in ${out} but found verse.txt`, '--data', out);
  refused('Expected characters of the vocabulary for text but received string "%"', '--text', text, '--prompt', '% of');
  refused('Expected one character or more for --prompt but received none', '--text', text, '--prompt', '');
}, 60_000);
