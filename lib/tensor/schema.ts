/**
 * Operator schemas, as libtorch's dispatcher prints them and as native_functions.yaml writes them:
 *
 *     aten::sum.dim_IntList(Tensor self, int[1]? dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor
 *
 * One pass over the text, no dependencies: the runtime parses a schema at the first call of its operator.
 */

export type SchemaKind =
  | 'Tensor'
  | 'int'
  | 'float'
  | 'bool'
  | 'Scalar'
  | 'str'
  | 'ScalarType'
  | 'Layout'
  | 'Device'
  | 'MemoryFormat'
  | 'Generator'
  | 'other';

/** `(a)`, `(a!)`, `(a -> *)`: the memory that a value may share, and whether the operator writes to it. */
export interface SchemaAlias {
  readonly set: string;
  readonly write: boolean;
}

export interface SchemaType {
  /** The base type. `SymInt` and `SymBool` count as `int` and `bool`; what has no JavaScript form is `other`. */
  readonly kind: SchemaKind;
  /** The type as the schema writes it, without its alias: `SymInt[2]?`. */
  readonly raw: string;
  /** `null` is a value: `Tensor?`, `int[]?`. */
  readonly nullable: boolean;
  readonly list: boolean;
  /** `int[2]`: a lone number stands for a list of that many. */
  readonly listSize?: number;
  /** A list with holes: `Tensor?[]`. */
  readonly elementNullable: boolean;
  readonly alias?: SchemaAlias;
}

export interface SchemaArgument {
  readonly name: string;
  readonly type: SchemaType;
  /** It stands behind the `*`. */
  readonly kwargOnly: boolean;
  readonly hasDefault: boolean;
  /** The default as the schema writes it (`None`, `False`, `[1, 1]`, `"mean"`); empty without one. */
  readonly default: string;
  /** A tensor behind the `*` that the operator writes its result to. */
  readonly isOut: boolean;
}

export interface SchemaReturn {
  /** Empty when the schema does not name it. */
  readonly name: string;
  readonly type: SchemaType;
}

export interface Schema {
  /** `aten`; empty when the text has none, as in native_functions.yaml. */
  readonly namespace: string;
  /** `sum`, without namespace and overload. */
  readonly name: string;
  /** `dim_IntList`; empty for the default overload. */
  readonly overload: string;
  readonly args: readonly SchemaArgument[];
  readonly returns: readonly SchemaReturn[];
  /** A trailing `...`: further arguments of any type. */
  readonly variadic: boolean;
}

const KINDS: ReadonlyMap<string, SchemaKind> = new Map<string, SchemaKind>([
  ['Tensor', 'Tensor'],
  ['int', 'int'],
  ['SymInt', 'int'],
  ['DeviceIndex', 'int'],
  ['float', 'float'],
  ['bool', 'bool'],
  ['SymBool', 'bool'],
  ['Scalar', 'Scalar'],
  ['number', 'Scalar'],
  ['str', 'str'],
  ['ScalarType', 'ScalarType'],
  ['Layout', 'Layout'],
  ['Device', 'Device'],
  ['MemoryFormat', 'MemoryFormat'],
  ['Generator', 'Generator'],
]);

/** Types that take other types in parentheses, where the rest take an alias. */
const GENERIC: ReadonlySet<string> = new Set(['Dict', 'Future', 'RRef', 'Await', 'Union', 'Optional', 'Tuple']);

// Equal types are one object: there are about a hundred and fifty different ones among all operators.
const shared = new Map<string, SchemaType>();

/** Parses `namespace::name.overload(arguments) -> returns`. */
export function parseSchema(text: string): Schema {
  const open = text.indexOf('(');
  if (open < 0) throw new SyntaxError(`Expected an operator schema but received ${JSON.stringify(text)}`);
  const scope = text.indexOf('::');
  const hasScope = scope >= 0 && scope < open;
  const start = hasScope ? scope + 2 : 0;
  const dot = text.indexOf('.', start);
  const hasOverload = dot >= 0 && dot < open;

  const close = closing(text, open);
  const arrow = text.indexOf('->', close);
  if (arrow < 0) throw new SyntaxError(`Expected '->' in the operator schema ${JSON.stringify(text)}`);

  const args: SchemaArgument[] = [];
  let kwargOnly = false;
  let variadic = false;
  for (const part of split(text, open + 1, close)) {
    if (part === '*') kwargOnly = true;
    else if (part === '...') variadic = true;
    else args.push(parseArgument(part, kwargOnly));
  }
  return {
    namespace: hasScope ? text.slice(0, scope) : '',
    name: text.slice(start, hasOverload ? dot : open),
    overload: hasOverload ? text.slice(dot + 1, open) : '',
    args,
    returns: parseReturns(text, arrow + 2),
    variadic,
  };
}

/** Parses a type alone: `Tensor(a!)[]`, `SymInt[2]?`. */
export function parseType(text: string): SchemaType {
  let type = shared.get(text);
  if (type === undefined) {
    type = Object.freeze(scanType(text));
    shared.set(text, type);
  }
  return type;
}

function parseArgument(text: string, kwargOnly: boolean): SchemaArgument {
  const typeEnd = endOfType(text);
  const type = parseType(text.slice(0, typeEnd));
  const equals = text.indexOf('=', typeEnd);
  const hasDefault = equals >= 0;
  return {
    name: text.slice(typeEnd, hasDefault ? equals : text.length).trim(),
    type,
    kwargOnly,
    hasDefault,
    default: hasDefault ? text.slice(equals + 1) : '',
    isOut: kwargOnly && type.kind === 'Tensor' && type.alias?.write === true,
  };
}

function parseReturns(text: string, from: number): SchemaReturn[] {
  const returns = text.slice(from).trim();
  // `(Tensor, Tensor)` is a list of results, `(str, Tensor)[]` one result.
  if (returns.startsWith('(') && closing(returns, 0) === returns.length - 1) {
    return split(returns, 1, returns.length - 1).map(parseReturn);
  }
  return [parseReturn(returns)];
}

function parseReturn(text: string): SchemaReturn {
  const typeEnd = endOfType(text);
  return { name: text.slice(typeEnd).trim(), type: parseType(text.slice(0, typeEnd)) };
}

/** `Tensor(a -> *)[] self`: the position of the blank between type and name, or the end. */
function endOfType(text: string): number {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 40) depth++;
    else if (c === 41) depth--;
    else if (c === 32 && depth === 0) return i;
  }
  return text.length;
}

function scanType(text: string): SchemaType {
  const other = (): SchemaType => ({ kind: 'other', raw: text, nullable: false, list: false, elementNullable: false });
  let at = 0;
  while (at < text.length && isWord(text.charCodeAt(at))) at++;
  const base = text.slice(0, at);
  if (at === 0 || GENERIC.has(base)) return other();

  let alias: SchemaAlias | undefined;
  let list = false;
  let listSize: number | undefined;
  let nullable = false;
  let elementNullable = false;
  let raw = base;
  while (at < text.length) {
    const c = text[at];
    if (c === '?') {
      nullable = true;
      raw += '?';
      at++;
    } else if (c === '[') {
      if (list) return other();
      const end = text.indexOf(']', at);
      list = true;
      elementNullable = nullable;
      nullable = false;
      if (end > at + 1) listSize = Number(text.slice(at + 1, end));
      raw += text.slice(at, end + 1);
      at = end + 1;
    } else if (c === '(') {
      const end = text.indexOf(')', at);
      // The first alias is the element's, which is what the operator writes to; a list may carry one more.
      alias ??= parseAlias(text.slice(at + 1, end));
      at = end + 1;
    } else {
      return other();
    }
  }
  const type: SchemaType = { kind: KINDS.get(base) ?? 'other', raw, nullable, list, elementNullable };
  return { ...type, ...(listSize === undefined ? {} : { listSize }), ...(alias === undefined ? {} : { alias }) };
}

function parseAlias(text: string): SchemaAlias {
  const arrow = text.indexOf('->');
  const before = (arrow < 0 ? text : text.slice(0, arrow)).trim();
  const write = before.endsWith('!');
  return { set: write ? before.slice(0, -1) : before, write };
}

/** Splits `text[from, to)` at the commas outside parentheses, brackets and strings. */
function split(text: string, from: number, to: number): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = from;
  for (let i = from; i < to; i++) {
    switch (text.charCodeAt(i)) {
      case 40: // (
      case 91: // [
        depth++;
        break;
      case 41: // )
      case 93: // ]
        depth--;
        break;
      case 34: // "
      case 39: // '
        i = endOfString(text, i);
        break;
      case 44: // ,
        if (depth === 0) {
          parts.push(text.slice(start, i).trim());
          start = i + 1;
        }
        break;
    }
  }
  const last = text.slice(start, to).trim();
  if (last !== '' || parts.length > 0) parts.push(last);
  return parts;
}

/** The position of the parenthesis that closes the one at `open`. */
function closing(text: string, open: number): number {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 40) depth++;
    else if (c === 41 && --depth === 0) return i;
    else if (c === 34 || c === 39) i = endOfString(text, i);
  }
  throw new SyntaxError(`Expected ')' in the operator schema ${JSON.stringify(text)}`);
}

/** The position of the quote that ends the string starting at `i`. */
function endOfString(text: string, i: number): number {
  const quote = text.charCodeAt(i);
  let at = i + 1;
  while (at < text.length && text.charCodeAt(at) !== quote) at += text.charCodeAt(at) === 92 ? 2 : 1;
  return at;
}

/** Letters, digits, `_` and the `.` of a class name. */
function isWord(c: number): boolean {
  return (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || (c >= 48 && c <= 57) || c === 95 || c === 46;
}
