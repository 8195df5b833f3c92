/**
 * Calls that come again. Finding the overload that a call with options or lists means costs more than many an operator; a call
 * of the same form as an earlier one - the same kinds of values in the same places - means the same, and is written to the cells
 * in one pass.
 */

import { type Arrangement, type Options, SPREAD } from './arrange';
import { Generator } from './generator';
import { type Overload, type Parameter, putArgument } from './overload';
import { beginSide, cellAt, putAbsent, putBool, putNone, putNumber, putNumbers, putTensor, putTensors } from './runtime';
import { Tensor } from './tensor';

/** What kind of value an argument is, as far as the choice of the overload may depend on it. */
enum Form {
  absent,
  none,
  tensor,
  whole,
  real,
  bool,
  bigint,
  text,
  generator,
  empty,
  tensors,
  wholes,
  /** Not worth remembering. */
  other,
}

function formOf(value: unknown): Form {
  switch (typeof value) {
    case 'undefined':
      return Form.absent;
    case 'number':
      return Number.isInteger(value) ? Form.whole : Form.real;
    case 'boolean':
      return Form.bool;
    case 'bigint':
      return Form.bigint;
    case 'string':
      return Form.text;
    case 'object':
      if (value === null) return Form.none;
      if (value instanceof Tensor) return Form.tensor;
      if (value instanceof Generator) return Form.generator;
      return Array.isArray(value) ? formOfList(value) : Form.other;
    default:
      return Form.other;
  }
}

function formOfList(list: readonly unknown[]): Form {
  if (list.length === 0) return Form.empty;
  if (areTensors(list)) return Form.tensors;
  return areWhole(list, 0) ? Form.wholes : Form.other;
}

function areTensors(list: readonly unknown[]): list is readonly Tensor[] {
  for (let i = 0; i < list.length; i++) if (!(list[i] instanceof Tensor)) return false;
  return true;
}

function areWhole(list: readonly unknown[], from: number): list is readonly number[] {
  for (let i = from; i < list.length; i++) if (!Number.isInteger(list[i])) return false;
  return true;
}

/** Where one argument goes, and what it must be. */
interface Place {
  /** Of an option; a position has none. */
  readonly name: string;
  readonly form: Form;
  /** The text itself, of a string only: its meaning is its value, and other values must not be held. */
  readonly text: unknown;
  /** The position of its cell, in words; negative for an option that was there and undefined. */
  readonly at: number;
  readonly parameter: Parameter;
}

const NO_TENSORS: readonly Tensor[] = [];

/** Writes a value to its cell; false when it is of another form. */
function write({ form, at, parameter, text }: Place, value: unknown): boolean {
  switch (form) {
    case Form.tensor:
      if (!(value instanceof Tensor)) return false;
      putTensor(at, value);
      return true;
    case Form.whole:
      if (typeof value !== 'number' || !Number.isInteger(value)) return false;
      putNumber(at, value);
      return true;
    case Form.real:
      if (typeof value !== 'number' || Number.isInteger(value)) return false;
      putNumber(at, value);
      return true;
    case Form.bool:
      if (typeof value !== 'boolean') return false;
      putBool(at, value);
      return true;
    case Form.none:
      if (value !== null) return false;
      putNone(at);
      return true;
    case Form.absent:
      if (value !== undefined) return false;
      if (at >= 0) putAbsent(at);
      return true;
    case Form.tensors:
      if (!Array.isArray(value) || value.length === 0 || !areTensors(value)) return false;
      putTensors(at, value);
      return true;
    case Form.wholes:
      if (!Array.isArray(value) || value.length === 0 || !areWhole(value, 0)) return false;
      putNumbers(at, value);
      return true;
    case Form.empty:
      if (!Array.isArray(value) || value.length !== 0) return false;
      if (parameter.type.kind === 'Tensor') putTensors(at, NO_TENSORS);
      else putArgument(at, value, parameter);
      return true;
    case Form.text:
      if (value !== text) return false;
      putArgument(at, value, parameter);
      return true;
    default:
      if (formOf(value) !== form) return false;
      putArgument(at, value, parameter);
      return true;
  }
}

const NOWHERE = -1;

/** The form of a call, and where its arguments go. */
export class Remembered {
  readonly arrangement: Arrangement;
  readonly overload: Overload;
  /** The number of arguments that are passed on. */
  readonly argc: number;
  readonly #given: readonly Place[];
  readonly #named: readonly Place[];
  /** Cells of defaults in between. */
  readonly #absent: readonly number[];
  /** The cell of a list that was spread over the arguments from `given.length` on; and how many there were. */
  readonly #spreadAt: number;
  readonly #length: number;

  private constructor(arrangement: Arrangement, given: readonly Place[], named: readonly Place[], spreadAt: number, length: number) {
    const { sources, overload } = arrangement;
    this.arrangement = arrangement;
    this.overload = overload;
    this.argc = sources.length;
    this.#given = given;
    this.#named = named;
    this.#absent = sources.flatMap((source, i) => (source === undefined ? [cellAt(i)] : []));
    this.#spreadAt = spreadAt;
    this.#length = length;
  }

  /** What a call that was arranged is remembered by; null where the arrangement depends on more than forms. */
  static of(arrangement: Arrangement, given: readonly unknown[], options: Options): Remembered | null {
    const { sources, overload } = arrangement;
    const place = (source: number | string, value: unknown): Place | null => {
      const index = sources.indexOf(source);
      const form = formOf(value);
      const parameter = overload.parameters[index];
      const text = form === Form.text ? value : undefined;
      if (form === Form.other) return null;
      if (index < 0 || parameter === undefined) {
        if (form !== Form.absent) return null;
        return { name: String(source), form, text, at: NOWHERE, parameter: overload.parameters[0] as Parameter };
      }
      return { name: String(source), form, text, at: cellAt(index), parameter };
    };
    if (overload.outs > 0) return null;
    const spread = sources.indexOf(SPREAD);
    const alone = spread < 0 ? given : given.slice(0, sources.includes(0) ? 1 : 0);
    if (spread >= 0 && !areWhole(given, alone.length)) return null;
    const places = alone.map((value, i) => place(i, value));
    const named = Object.keys(options).map((name) => place(name, options[name]));
    if (places.includes(null) || named.includes(null)) return null;
    return new Remembered(arrangement, places as Place[], named as Place[], spread < 0 ? NOWHERE : cellAt(spread), given.length);
  }

  /**
   * Writes a call's first `count` arguments and its options to the cells; false when it is of another form, and then the cells
   * are of no use.
   */
  write(args: readonly unknown[], count: number, options: Options): boolean {
    if (count !== this.#length) return false;
    const values: unknown[] = [];
    for (const name in options) {
      if (this.#named[values.length]?.name !== name) return false;
      // All are read before the first is written: a getter may call an operator.
      values.push(options[name]);
    }
    if (values.length !== this.#named.length) return false;
    beginSide();
    const places = this.#given;
    for (let i = 0; i < places.length; i++) if (!write(places[i] as Place, args[i])) return false;
    const named = this.#named;
    for (let i = 0; i < named.length; i++) if (!write(named[i] as Place, values[i])) return false;
    if (this.#spreadAt >= 0) {
      const list = args.slice(places.length, count);
      if (!areWhole(list, 0)) return false;
      putNumbers(this.#spreadAt, list);
    }
    for (let i = 0; i < this.#absent.length; i++) putAbsent(this.#absent[i] as number);
    return true;
  }
}
