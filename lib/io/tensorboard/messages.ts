/**
 * TensorBoard's messages, of which the numbers of the fields are the format:
 * https://github.com/tensorflow/tensorboard/tree/master/tensorboard/compat/proto (event, summary, histogram, tensor, tensor_shape, types)
 */

import type { Histogram } from './histogram';
import { bytes, double, doubles, float, floats, int, message } from './protobuf';

const DT_FLOAT = 1;
const DT_DOUBLE = 2;
const DT_STRING = 7;
const SESSION_START = 1;

/** When something was: a step, or none, and seconds since 1970. */
export interface Moment {
  readonly step: number;
  readonly wallTime: number;
}

function event({ step, wallTime }: Moment, ...fields: readonly Uint8Array[]): Buffer {
  return Buffer.concat([double(1, wallTime), ...(step === 0 ? [] : [int(2, step)]), ...fields]);
}

/** The event with which a file begins. */
export const fileVersion = (moment: Moment): Buffer => event(moment, bytes(3, 'brain.Event:2'), message(10, bytes(1, 'torchwright')));

/** Tells that what came before at this step and later ones is void. */
export const sessionStart = (moment: Moment): Buffer => event(moment, message(7, int(1, SESSION_START)));

/** An event of one value, with what is in it. */
export const summary = (moment: Moment, name: string, ...content: readonly Uint8Array[]): Buffer =>
  event(moment, message(5, message(1, bytes(1, name), ...content)));

export const simpleValue = (value: number): Buffer[] => [float(2, value)];

/** A scalar as a tensor without dimensions, which loads faster. */
export const scalarTensor = (value: number, doublePrecision: boolean): Buffer[] => [
  message(8, int(1, doublePrecision ? DT_DOUBLE : DT_FLOAT), doublePrecision ? doubles(6, [value]) : floats(5, [value])),
  plugin('scalars'),
];

export const text = (value: string): Buffer[] => [
  message(8, int(1, DT_STRING), message(2, message(2, int(1, 1))), bytes(8, value)),
  plugin('text'),
];

export const image = (height: number, width: number, channels: number, png: Uint8Array): Buffer[] => [
  message(4, int(1, height), int(2, width), int(3, channels), bytes(4, png)),
];

export const histogram = ({ min, max, count, sum, sumSquares, limits, counts }: Histogram): Buffer[] => [
  message(
    5,
    double(1, min),
    double(2, max),
    double(3, count),
    double(4, sum),
    double(5, sumSquares),
    doubles(6, limits),
    doubles(7, counts),
  ),
];

const plugin = (name: string): Buffer => message(9, message(1, bytes(1, name)));
