/**
 * How a call crosses to C++ and back: the twin of native/protocol.h, which explains it. Loading compares the numbers.
 */

/** Words of the block's header. */
export enum Header {
  op = 0,
  argc = 1,
  results = 2,
  scope = 3,
  mode = 4,
  pressure = 5,
  sideGrown = 6,
  failed = 7,
}

/** What a cell holds. */
export enum Tag {
  absent = 0,
  none = 1,
  tensor = 2,
  number = 3,
  bool = 4,
  bigint = 5,
  string = 6,
  tensorList = 7,
  numberList = 8,
  list = 9,
  dtype = 10,
  layout = 11,
  device = 12,
  memoryFormat = 13,
  complex = 14,
  generator = 15,
  double = 16,
  same = 17,
}

/** The first cell, in 32-bit words; a cell is four of them: tag, aux, value (a double, an int64 or an index). */
export const FIRST_CELL = 16;
export const CELL_WORDS = 4;
export const CELL_BYTES = 16;
export const CELLS = 64;

/** The numbers under the names that C++ gives them. */
export const PROTOCOL: Readonly<Record<string, number>> = {
  headerWords: FIRST_CELL,
  cells: CELLS,
  op: Header.op,
  argc: Header.argc,
  results: Header.results,
  scope: Header.scope,
  mode: Header.mode,
  pressure: Header.pressure,
  sideGrown: Header.sideGrown,
  failed: Header.failed,
  absent: Tag.absent,
  none: Tag.none,
  tensor: Tag.tensor,
  number: Tag.number,
  bool: Tag.bool,
  bigint: Tag.bigint,
  string: Tag.string,
  tensorList: Tag.tensorList,
  numberList: Tag.numberList,
  list: Tag.list,
  dtype: Tag.dtype,
  layout: Tag.layout,
  device: Tag.device,
  memoryFormat: Tag.memoryFormat,
  complex: Tag.complex,
  generator: Tag.generator,
  double: Tag.double,
  same: Tag.same,
};
