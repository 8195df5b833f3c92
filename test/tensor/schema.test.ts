import { parseSchema, parseType } from '../../lib/tensor/schema';

const plain = { nullable: false, list: false, elementNullable: false };

test('arguments, defaults and the keyword-only part', () => {
  const schema = parseSchema('aten::sum.dim_IntList(Tensor self, int[1]? dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor');
  expect(schema).toEqual({
    namespace: 'aten',
    name: 'sum',
    overload: 'dim_IntList',
    variadic: false,
    args: [
      { name: 'self', type: { ...plain, kind: 'Tensor', raw: 'Tensor' }, kwargOnly: false, hasDefault: false, default: '', isOut: false },
      {
        name: 'dim',
        type: { ...plain, kind: 'int', raw: 'int[1]?', nullable: true, list: true, listSize: 1 },
        kwargOnly: false,
        hasDefault: false,
        default: '',
        isOut: false,
      },
      {
        name: 'keepdim',
        type: { ...plain, kind: 'bool', raw: 'bool' },
        kwargOnly: false,
        hasDefault: true,
        default: 'False',
        isOut: false,
      },
      {
        name: 'dtype',
        type: { ...plain, kind: 'ScalarType', raw: 'ScalarType?', nullable: true },
        kwargOnly: true,
        hasDefault: true,
        default: 'None',
        isOut: false,
      },
    ],
    returns: [{ name: '', type: { ...plain, kind: 'Tensor', raw: 'Tensor' } }],
  });
});

test('a schema without namespace, arguments, overload or results', () => {
  expect(parseSchema('_cuda_init() -> ()')).toEqual({
    namespace: '',
    name: '_cuda_init',
    overload: '',
    args: [],
    returns: [],
    variadic: false,
  });
});

test('named results', () => {
  const { returns } = parseSchema('aten::max.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)');
  expect(returns.map(({ name, type }) => [name, type.kind])).toEqual([
    ['values', 'Tensor'],
    ['indices', 'Tensor'],
  ]);
});

test('one result in parentheses', () => {
  const { returns } = parseSchema('x(Tensor self) -> (Tensor[] self_out)');
  expect(returns).toEqual([{ name: 'self_out', type: { ...plain, kind: 'Tensor', raw: 'Tensor[]', list: true } }]);
});

test('out arguments are tensors behind the star that are written to', () => {
  const { args, returns } = parseSchema('aten::add.out(Tensor self, Tensor other, *, Scalar alpha=1, Tensor(a!) out) -> Tensor(a!)');
  expect(args.map((arg) => [arg.name, arg.kwargOnly, arg.isOut])).toEqual([
    ['self', false, false],
    ['other', false, false],
    ['alpha', true, false],
    ['out', true, true],
  ]);
  expect(args[3]?.type).toEqual({ ...plain, kind: 'Tensor', raw: 'Tensor', alias: { set: 'a', write: true } });
  expect(returns[0]?.type.alias).toEqual({ set: 'a', write: true });
});

test('aliases of lists and of views', () => {
  const foreach = parseSchema('aten::_foreach_add_.List(Tensor(a!)[] self, Tensor[] other, *, Scalar alpha=1) -> ()');
  expect(foreach.args[0]?.type).toEqual({ ...plain, kind: 'Tensor', raw: 'Tensor[]', list: true, alias: { set: 'a', write: true } });
  const split = parseSchema('aten::split.sizes(Tensor(a -> *) self, SymInt[] split_size, int dim=0) -> Tensor(a)[]');
  expect(split.args[0]?.type.alias).toEqual({ set: 'a', write: false });
  expect(split.returns[0]?.type).toEqual({ ...plain, kind: 'Tensor', raw: 'Tensor[]', list: true, alias: { set: 'a', write: false } });
});

test('defaults with commas, quotes and backslashes', () => {
  const { args } = parseSchema(
    String.raw`aten::f(SymInt[2] stride=[1, 1], str padding="valid", str? chars="\"\'\\", float eps=1.0000000000000001e-05) -> Tensor`,
  );
  expect(args.map((arg) => arg.default)).toEqual(['[1, 1]', '"valid"', String.raw`"\"\'\\"`, '1.0000000000000001e-05']);
});

test('SymInt, SymBool and DeviceIndex are plain numbers and booleans', () => {
  expect(parseType('SymInt[2]?')).toEqual({ ...plain, kind: 'int', raw: 'SymInt[2]?', nullable: true, list: true, listSize: 2 });
  expect(parseType('SymBool').kind).toBe('bool');
  expect(parseType('DeviceIndex').kind).toBe('int');
});

test('lists with holes and lists that may be missing', () => {
  expect(parseType('Tensor?[]')).toEqual({ ...plain, kind: 'Tensor', raw: 'Tensor?[]', list: true, elementNullable: true });
  expect(parseType('float[]?')).toEqual({ ...plain, kind: 'float', raw: 'float[]?', list: true, nullable: true });
});

test.each(['Dict(Tensor, Tensor)', '__torch__.torch.classes.c10d.ProcessGroup', 'Tensor[][]', 'Any', 'Storage', '(str, Tensor)[]'])(
  '%s has no form of its own',
  (text) => {
    expect(parseType(text)).toMatchObject({ kind: 'other', raw: text });
  },
);

test('types without a form of their own inside a schema', () => {
  const schema = parseSchema(
    'c10d::reduce_(Tensor[] tensors, __torch__.torch.classes.c10d.ReduceOp op, Dict(str, int) m, ...) -> ((str, Tensor)[], Any)',
  );
  expect(schema.args.map((arg) => [arg.name, arg.type.kind])).toEqual([
    ['tensors', 'Tensor'],
    ['op', 'other'],
    ['m', 'other'],
  ]);
  expect(schema.variadic).toBe(true);
  expect(schema.returns).toHaveLength(2);
});

test('equal types are one object', () => {
  expect(parseType('Tensor(a!)[]')).toBe(parseType('Tensor(a!)[]'));
});

test.each(['', 'aten::add', 'aten::add(Tensor self', 'aten::add(Tensor self)'])('no schema: %j', (text) => {
  expect(() => parseSchema(text)).toThrow(SyntaxError);
});
