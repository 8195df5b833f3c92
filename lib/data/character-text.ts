/** Texts as numbers, a number for each character. */

import { join } from 'node:path';
import { checkedOptions } from '../tensor/checked';
import { fromTypedArray } from '../tensor/creation';
import { describe, expected } from '../tensor/expected';
import { Tensor } from '../tensor/tensor';
import { type DatasetOptions, type FileSet, findFiles, findPath, firstFile } from './find-files';
import { readMaybeGzip } from './read-file';
import { TokenBlocks } from './token-blocks';

/**
 * A text, its characters (Unicode code points) in order, and the text as their numbers.
 *
 * @throws when the vocabulary given repeats a character, has what is none, or lacks one of the text's
 */
export class CharacterText {
  /** The characters by their numbers: those given, else the text's, sorted by code point. */
  readonly vocabulary: readonly string[];
  /** The whole text, int64[characters]; it belongs to no scope. */
  readonly tokens: Tensor;
  readonly #numbers: ReadonlyMap<string, bigint>;

  /** @param options `vocabulary`: the characters by their numbers, for a text to be read as another one was */
  constructor(text: string, options?: { vocabulary?: readonly string[] }) {
    if (typeof text !== 'string') throw expected('a text', 'text', text);
    const vocabulary =
      checkedOptions(options, 'CharacterText').vocabulary ??
      [...new Set(text)].sort((a, b) => (a.codePointAt(0) as number) - (b.codePointAt(0) as number));
    if (!Array.isArray(vocabulary)) throw expected('a list of characters', 'vocabulary', vocabulary);
    for (const [k, character] of vocabulary.entries()) {
      if (typeof character !== 'string' || [...character].length !== 1) throw expected('one character', `vocabulary[${k}]`, character);
    }
    this.#numbers = new Map(vocabulary.map((character, k) => [character, BigInt(k)]));
    if (this.#numbers.size !== vocabulary.length) throw expected('characters without repetitions', 'vocabulary', vocabulary.join(''));
    this.vocabulary = Object.freeze([...vocabulary]);
    this.tokens = this.encode(text).keep();
  }

  /**
   * The text of a UTF-8 file, gzip-compressed or not. A relative path that leads nowhere is looked for below
   * `$TORCHWRIGHT_DATA`.
   *
   * @throws when there is no such file, or it is no UTF-8
   */
  static fromFile(path: string, options?: { vocabulary?: readonly string[] }): CharacterText {
    const file = findPath(path);
    let text: string;
    try {
      text = new TextDecoder('utf-8', { fatal: true }).decode(readMaybeGzip(file));
    } catch (error) {
      throw new Error(`Expected a text in UTF-8 in ${file} but reading it failed: ${(error as Error).message}`);
    }
    return new CharacterText(text, checkedOptions(options, 'fromFile'));
  }

  /** A text as numbers, int64[characters]. @throws for a character that the vocabulary lacks */
  encode(text: string): Tensor {
    if (typeof text !== 'string') throw expected('a text', 'text', text);
    const numbers = Array.from(text, (character) => {
      const number = this.#numbers.get(character);
      if (number === undefined) throw expected('characters of the vocabulary', 'text', character);
      return number;
    });
    return fromTypedArray(BigInt64Array.from(numbers));
  }

  /** The text that numbers, int64[n] or a list, stand for. @throws for numbers that the vocabulary lacks */
  decode(tokens: Tensor | readonly number[]): string {
    if (!Array.isArray(tokens) && !(tokens instanceof Tensor && tokens.dtype === 'int64' && tokens.dim() === 1)) {
      throw expected('an int64 tensor of one dimension or whole numbers', 'tokens', tokens);
    }
    const numbers = tokens instanceof Tensor ? Array.from(tokens.toTypedArray() as BigInt64Array, Number) : (tokens as readonly number[]);
    return numbers
      .map((number) => {
        const character = this.vocabulary[number];
        if (character === undefined)
          throw new RangeError(`Expected whole numbers in [0, ${this.vocabulary.length}) for tokens but received ${describe(number)}`);
        return character;
      })
      .join('');
  }

  /**
   * Blocks of `blockSize` characters from a part of the text, for a loader.
   *
   * @param options `stride`: characters from one block to the next, default 1. `from`, `to`: the part, as fractions of the
   *   text, default 0 and 1: `{ to: 0.9 }` and `{ from: 0.9 }` share no character.
   * @throws when the part has no more than `blockSize` characters, or is none
   */
  blocks(blockSize: number, options?: { stride?: number; from?: number; to?: number }): TokenBlocks {
    const { from = 0, to = 1, ...rest } = checkedOptions(options, 'blocks');
    for (const [name, value] of [
      ['from', from],
      ['to', to],
    ] as const) {
      if (typeof value !== 'number' || !(value >= 0 && value <= 1)) throw expected('a number in [0, 1]', name, value);
    }
    if (from >= to) throw expected(`a number above from = ${from}`, 'to', to);
    const [start, end] = [from, to].map((fraction) => Math.floor(fraction * this.tokens.numel())) as [number, number];
    return new TokenBlocks(this.tokens.narrow(0, start, end - start), blockSize, rest);
  }
}

const TINY_SHAKESPEARE: FileSet = {
  name: 'tiny-shakespeare',
  mirrors: ['https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare'],
  files: [{ name: 'input.txt', sha256: '86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed' }],
  has: (folder) => firstFile(folder, ['input.txt']) !== undefined,
};

/**
 * 1,115,394 characters of Shakespeare's plays, 65 distinct ones (public domain; selection of A. Karpathy, 2015, char-rnn):
 * `input.txt`, found as the files of `mnist` are. Usually the first 90 % are for training.
 *
 * @throws when `dir` is given and has no such file, or when the download fails
 */
export async function tinyShakespeare(options?: DatasetOptions): Promise<CharacterText> {
  return CharacterText.fromFile(join(await findFiles(TINY_SHAKESPEARE, checkedOptions(options, 'tinyShakespeare')), 'input.txt'));
}
