import { hostname } from 'node:os';
import { join } from 'node:path';
import { noGrad } from '../../autograd/modes';
import { checkedOptions } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import { Tensor } from '../../tensor/tensor';
import { EventFile } from './event-file';
import { type HistogramBins, histogramOf } from './histogram';
import { encodeImage } from './images';
import { histogram, image, type Moment, scalarTensor, sessionStart, simpleValue, summary, text } from './messages';

export interface SummaryWriterOptions {
  /** The folder of the run, made if need be. TensorBoard shows a run for each folder. Default `runs/Nov24_18-30-00_host` and `comment`. */
  logDir?: string;
  /** Added to the default folder's name. Default none. */
  comment?: string;
  /** What the folder's files hold from this step on is void: for a run that goes on from a checkpoint. Default none. */
  purgeStep?: number;
  /** Added to the files' names. Default none. */
  filenameSuffix?: string;
}

export interface EventOptions {
  /** The step, a whole number. Default 0. */
  globalStep?: number;
  /** Seconds since 1970. Default now. */
  walltime?: number;
}

export interface AddScalarOptions extends EventOptions {
  /** Write a tensor without dimensions instead of the older `simple_value`: loads faster. Default false. */
  newStyle?: boolean;
  /** With `newStyle`: float64 instead of float32. Default false. */
  doublePrecision?: boolean;
}

export interface AddImageOptions extends EventOptions {
  /** What the dimensions are, a letter each: N (batch), C (channels), H (height), W (width). Default `'CHW'`, of addImages `'NCHW'`. */
  dataformats?: string;
}

export interface AddHistogramOptions extends EventOptions {
  /**
   * `'tensorflow'`: edges that grow by a tenth from 1e-12 to 1e20, and their negatives; a number: so many buckets of equal width
   * between the smallest and the largest value; or the edges. Default `'tensorflow'`.
   */
  bins?: HistogramBins;
  /** Put neighbouring buckets together until there are about so many. Default: all stay. */
  maxBins?: number | null;
}

/**
 * Writes what TensorBoard shows (`tensorboard --logdir runs`): `torch.utils.tensorboard.SummaryWriter`.
 *
 * ```ts
 * using writer = new io.SummaryWriter({ logDir: 'runs/first' });
 * writer.addScalar('loss', 0.25, { globalStep: 10 });
 * ```
 *
 * PyTorch collects events and writes them every two minutes; here each is handed to the system at once, so that a killed run has lost
 * none and there is no queue to set. `flush` waits for the disk. Adding to a closed writer opens a new file, as in PyTorch.
 *
 * @throws when the folder or a file cannot be written
 */
export class SummaryWriter {
  /** The folder of the run. */
  readonly logDir: string;
  readonly #suffix: string;
  readonly #files = new Map<string, EventFile>();

  constructor(options?: SummaryWriterOptions) {
    const given = checkedOptions(options, 'SummaryWriter');
    const { comment = '', purgeStep, filenameSuffix = '' } = given;
    this.logDir = given.logDir ?? join('runs', `${startOf(new Date())}_${hostname()}${comment}`);
    if (typeof this.logDir !== 'string' || this.logDir === '') throw expected('a folder', 'logDir', this.logDir);
    this.#suffix = filenameSuffix;
    const purge = purgeStep === undefined ? null : sessionStart(momentOf({ globalStep: purgeStep }, 'purgeStep'));
    const file = this.#file(this.logDir);
    if (purge !== null) file.add(purge);
  }

  /**
   * A number at a step.
   *
   * @param tag its name; a `/` groups
   * @param scalarValue a number or a real tensor of one element
   */
  addScalar(tag: string, scalarValue: number | Tensor, options?: AddScalarOptions): void {
    const given = checkedOptions(options, 'addScalar');
    const { newStyle = false, doublePrecision = false } = given;
    const value = numberOf(scalarValue, tag);
    this.#add(tag, given, () => (newStyle ? scalarTensor(value, doublePrecision) : simpleValue(value)));
  }

  /** Numbers in one diagram: each is a run of its own, in a folder in this one's. */
  addScalars(mainTag: string, tagScalarDict: Readonly<Record<string, number | Tensor>>, options?: EventOptions): void {
    checkTag(mainTag);
    const moment = momentOf(checkedOptions(options, 'addScalars'));
    const values = Object.entries(tagScalarDict).map(([tag, value]) => [tag, numberOf(value, `${mainTag} ${tag}`)] as const);
    for (const [tag, value] of values) {
      const folder = `${this.logDir}/${mainTag.replaceAll('/', '_')}_${tag}`;
      this.#file(folder).add(summary(moment, mainTag, ...simpleValue(value)));
    }
  }

  /**
   * An image: values from 0 to 1, or uint8; what is outside is clamped. Kept as PNG.
   *
   * @param imgTensor [1, 3 or 4 channels, height, width], or what `dataformats` says
   */
  addImage(tag: string, imgTensor: Tensor, options?: AddImageOptions): void {
    const given = checkedOptions(options, 'addImage');
    const { dataformats = 'CHW' } = given;
    if (!(imgTensor instanceof Tensor)) throw expected('a tensor', tag, imgTensor);
    this.#add(tag, given, () => {
      const { height, width, channels, png } = noGrad(() => encodeImage(imgTensor, dataformats));
      return image(height, width, channels, png);
    });
  }

  /** Images as one, eight in a row. @param imgTensor [batch, channels, height, width], or what `dataformats` says */
  addImages(tag: string, imgTensor: Tensor, options?: AddImageOptions): void {
    this.addImage(tag, imgTensor, { dataformats: 'NCHW', ...checkedOptions(options, 'addImages') });
  }

  /**
   * How the elements of a tensor are distributed, counted in float64 where the tensor is.
   *
   * @throws for complex tensors, empty ones, and ones without a value in any bucket
   */
  addHistogram(tag: string, values: Tensor, options?: AddHistogramOptions): void {
    const given = checkedOptions(options, 'addHistogram');
    const { bins = 'tensorflow', maxBins = null } = given;
    if (!(values instanceof Tensor)) throw expected('a tensor', tag, values);
    if (maxBins !== null && !(Number.isSafeInteger(maxBins) && maxBins > 0)) throw expected('a positive whole number', 'maxBins', maxBins);
    this.#add(tag, given, () => histogram(histogramOf(values, bins, maxBins)));
  }

  /** A text, which TensorBoard shows as Markdown. */
  addText(tag: string, textString: string, options?: EventOptions): void {
    if (typeof textString !== 'string') throw expected('a text', tag, textString);
    checkTag(tag);
    this.#add(`${tag}/text_summary`, checkedOptions(options, 'addText'), () => text(textString));
  }

  /** Waits until all is on the disk. */
  flush(): void {
    for (const file of this.#files.values()) file.sync();
  }

  close(): void {
    for (const file of this.#files.values()) file.close();
    this.#files.clear();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #add(tag: string, options: EventOptions, content: () => readonly Uint8Array[]): void {
    checkTag(tag);
    const moment = momentOf(options);
    this.#file(this.logDir).add(summary(moment, tag, ...content()));
  }

  #file(folder: string): EventFile {
    let file = this.#files.get(folder);
    if (file === undefined) {
      file = new EventFile(folder, this.#suffix);
      this.#files.set(folder, file);
    }
    return file;
  }
}

function momentOf({ globalStep = 0, walltime = Date.now() / 1000 }: EventOptions, where = 'globalStep'): Moment {
  if (!Number.isSafeInteger(globalStep)) throw expected('a whole number', where, globalStep);
  if (typeof walltime !== 'number') throw expected('seconds since 1970', 'walltime', walltime);
  return { step: globalStep, wallTime: walltime };
}

function checkTag(tag: string): void {
  if (typeof tag !== 'string' || tag === '') throw expected('a name', 'tag', tag);
}

function numberOf(value: number | Tensor, where: string): number {
  const number = value instanceof Tensor && value.numel() === 1 ? value.item() : value;
  if (typeof number === 'boolean' || typeof number === 'bigint') return Number(number);
  if (typeof number !== 'number') throw expected('a number or a real tensor of one element', where, number);
  return number;
}

/** `Nov24_18-30-00` */
function startOf(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const month = date.toLocaleString('en-US', { month: 'short' });
  return `${month}${two(date.getDate())}_${two(date.getHours())}-${two(date.getMinutes())}-${two(date.getSeconds())}`;
}
