import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as torch from '../../lib';
import { data } from '../../lib';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'text-'));
});
afterEach(() => rmSync(root, { recursive: true }));

describe('CharacterText', () => {
  test('numbers characters by code point, and gives the text back', () => {
    const text = new data.CharacterText('hello é😀\n');
    expect(text.vocabulary).toEqual(['\n', ' ', 'e', 'h', 'l', 'o', 'é', '😀']);
    expect([text.tokens.dtype, text.tokens.toArray()]).toEqual(['int64', [3, 2, 4, 4, 5, 1, 6, 7, 0]]);
    expect(text.decode(text.tokens)).toBe('hello é😀\n');
    expect(text.decode([3, 5, 7])).toBe('ho😀');
    expect(text.encode('').shape).toEqual([0]);
    expect(text.encode('olé').toArray()).toEqual([5, 4, 6]);
  });

  test('a vocabulary can be given', () => {
    const text = new data.CharacterText('abba', { vocabulary: ['b', 'a', 'c'] });
    expect(text.tokens.toArray()).toEqual([1, 0, 0, 1]);
    const refused = (vocabulary: readonly string[], message: string): void =>
      expect(() => new data.CharacterText('ab', { vocabulary })).toThrow(message);
    refused(['a', 'a', 'b'], 'Expected characters without repetitions for vocabulary');
    refused(['a', 'bb'], 'Expected one character for vocabulary[1] but received string "bb"');
    refused(['a'], 'Expected characters of the vocabulary for text but received string "b"');
  });

  test('what it does not know is refused', () => {
    const text = new data.CharacterText('ab');
    expect(() => text.encode('abc')).toThrow('Expected characters of the vocabulary for text but received string "c"');
    expect(() => text.decode([0, 2])).toThrow('Expected whole numbers in [0, 2) for tokens but received number 2');
    expect(() => text.decode(torch.tensor([-1]))).toThrow('Expected whole numbers in [0, 2)');
    expect(() => text.decode([0.5])).toThrow('but received number 0.5');
    expect(() => text.decode(torch.tensor([0.5]))).toThrow('Expected an int64 tensor of one dimension or whole numbers for tokens');
    // @ts-expect-error no text
    expect(() => new data.CharacterText(5)).toThrow('Expected a text for text but received number 5');
  });

  test('reads files, compressed or not', () => {
    writeFileSync(join(root, 'a.txt'), 'déjà');
    writeFileSync(join(root, 'b.txt.gz'), gzipSync('déjà'));
    writeFileSync(join(root, 'c.txt'), Buffer.of(0x61, 0xff));
    for (const name of ['a.txt', 'b.txt.gz']) {
      const text = data.CharacterText.fromFile(join(root, name));
      expect(text.decode(text.tokens)).toBe('déjà');
    }
    expect(() => data.CharacterText.fromFile(join(root, 'c.txt'))).toThrow('Expected a text in UTF-8 in');
    expect(() => data.CharacterText.fromFile(join(root, 'd.txt'))).toThrow('but found none');
  });

  test('tinyShakespeare is found in a folder of its name', async () => {
    mkdirSync(join(root, 'tinyshakespeare'));
    writeFileSync(join(root, 'tinyshakespeare', 'input.txt'), 'to be');
    expect((await data.tinyShakespeare({ dir: root })).vocabulary).toEqual([' ', 'b', 'e', 'o', 't']);
    await expect(data.tinyShakespeare({ dir: join(root, 'none') })).rejects.toThrow('Expected the files of tiny-shakespeare in');
  });
});

describe('blocks', () => {
  const text = new data.CharacterText('abcdefghij');
  const decoded = ([x, y]: data.TokenBlock): string[] => [text.decode(x), text.decode(y)];

  test('have the characters that follow as targets', () => {
    const blocks = text.blocks(3);
    expect(blocks).toHaveLength(7);
    expect(decoded(blocks.get(0))).toEqual(['abc', 'bcd']);
    expect(decoded(blocks.get(6))).toEqual(['ghi', 'hij']);
  });

  test('a batch is what its samples are, stacked', () => {
    const blocks = text.blocks(4, { stride: 2 });
    expect(blocks).toHaveLength(3);
    const [x, y] = blocks.getBatch(torch.tensor([2, 0]));
    expect([x.shape, y.shape]).toEqual([
      [2, 4],
      [2, 4],
    ]);
    for (const [row, index] of [2, 0].entries()) {
      const [one, next] = blocks.get(index);
      expect([torch.equal(x.select(0, row), one), torch.equal(y.select(0, row), next)]).toEqual([true, true]);
    }
  });

  test('of two parts share no character', () => {
    const [train, held] = [text.blocks(2, { to: 0.6 }), text.blocks(2, { from: 0.6 })];
    expect([train.length, held.length]).toEqual([4, 2]);
    expect([decoded(train.get(3)), decoded(held.get(0))]).toEqual([
      ['de', 'ef'],
      ['gh', 'hi'],
    ]);
  });

  test('outlive the scope that they were made in, and go through a loader', () => {
    const blocks = torch.scope(() => new data.CharacterText('abcdefghi').blocks(3));
    const shapes: (readonly number[])[] = [];
    for (const [x, y] of new data.DataLoader(blocks, { batchSize: 4, shuffle: true, seed: 0 })) {
      expect(torch.equal(x.add(1), y)).toBe(true);
      shapes.push(x.shape);
    }
    expect(shapes).toEqual([
      [4, 3],
      [2, 3],
    ]);
  });

  test('what does not fit is refused', () => {
    expect(() => text.blocks(10)).toThrow('Expected more than 10 tokens for tokens');
    expect(() => text.blocks(0)).toThrow('Expected a whole number of at least 1 for blockSize but received number 0');
    expect(() => text.blocks(2, { stride: 0.5 })).toThrow('Expected a whole number of at least 1 for stride');
    expect(() => text.blocks(2, { to: 1.5 })).toThrow('Expected a number in [0, 1] for to but received number 1.5');
    expect(() => text.blocks(2, { from: 0.5, to: 0.5 })).toThrow('Expected a number above from = 0.5 for to');
    expect(() => text.blocks(2).get(8)).toThrow('Expected a whole number in [0, 8) for index but received number 8');
    expect(() => text.blocks(2).getBatch(torch.tensor([8]))).toThrow();
    expect(() => new data.TokenBlocks(torch.ones(5), 2)).toThrow('Expected an int64 tensor of one dimension for tokens');
  });
});
