import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Generated, generate } from '../../codegen/generate';
import { findYaml, parseYaml, readYaml } from '../../codegen/source';

describe('the committed files', () => {
  let generated: Generated;
  beforeAll(() => {
    generated = generate(readYaml(findYaml()));
  });

  test('are what the generator writes', () => {
    // Compared by hash first: a diff of a megabyte helps nobody.
    const stale = [...generated.files].filter(([path, text]) => {
      const absolute = join(__dirname, '..', '..', path);
      return !existsSync(absolute) || readFileSync(absolute, 'utf8') !== text;
    });
    expect(stale.map(([path]) => path)).toEqual([]); // else: npm run codegen
  });

  test('reach at least 1,800 overloads', () => {
    expect(generated.counts.overloads).toBeGreaterThanOrEqual(1800);
    expect(generated.counts.functions).toBeGreaterThanOrEqual(1800);
    expect(generated.counts.methods).toBeGreaterThanOrEqual(600);
  });
});

/** Signatures of a name in one of the generated interfaces, for a list of schemas. */
function signatures(yaml: string, file: 'methods' | 'functions', name: string): string[] {
  const text = generate(parseYaml(yaml)).files.get(`lib/tensor/generated/${file}.ts`) ?? '';
  const start = `  ${name}(`;
  return text
    .split('\n')
    .filter((line) => line.startsWith(start))
    .map((line) => line.trim().slice(name.length, -1));
}

const functions = (name: string, ...entries: string[]) => signatures(entries.join('\n'), 'functions', name);
const methods = (name: string, ...entries: string[]) => signatures(entries.join('\n'), 'methods', name);

describe('signatures', () => {
  test('a positional argument with a default stands in place or among the options', () => {
    expect(
      methods(
        'sum',
        '- func: sum.dim_IntList(Tensor self, int[1]? dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor\n  variants: method',
      ),
    ).toEqual([
      '(dim: IntList1 | null, options?: { keepdim?: boolean; dtype?: DType | null }): Tensor',
      '(dim: IntList1 | null, keepdim: boolean, options?: { dtype?: DType | null }): Tensor',
    ]);
  });

  test('`Tensor` and `Scalar` overloads and their `out` become one', () => {
    expect(
      functions(
        'add',
        '- func: add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor',
        '- func: add.out(Tensor self, Tensor other, *, Scalar alpha=1, Tensor(a!) out) -> Tensor(a!)',
        '- func: add.Scalar(Tensor self, Scalar other, Scalar alpha=1) -> Tensor\n  autogen: add.Scalar_out\n  dispatch:\n    CPU: add',
      ),
    ).toEqual(['(self: Tensor, other: Tensor | Scalar, options?: { alpha?: Scalar; out?: Tensor }): Tensor']);
  });

  test('merging goes on as long as one argument differs', () => {
    const where = (a: string, b: string) => `- func: where.${a}${b}(Tensor condition, ${a} self, ${b} other) -> Tensor`;
    expect(
      functions('where', where('Tensor', 'Tensor'), where('Scalar', 'Tensor'), where('Tensor', 'Scalar'), where('Scalar', 'Scalar')),
    ).toEqual(['(condition: Tensor, self: Tensor | Scalar, other: Tensor | Scalar): Tensor']);
  });

  test('an unsized list that stands alone may be spread', () => {
    const zeros =
      '- func: zeros(SymInt[] size, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor';
    expect(functions('zeros', zeros)).toEqual([
      '(size: readonly Int[], options?: TensorOptions): Tensor',
      '(size0: Int, ...size: Int[]): Tensor',
      '(...args: [size0: Int, ...size: Int[], options: TensorOptions]): Tensor',
    ]);
    expect(methods('view', '- func: view(Tensor(a) self, SymInt[] size) -> Tensor(a)\n  variants: method')).toEqual([
      '(size: readonly Int[]): Tensor',
      '(size0: Int, ...size: Int[]): Tensor',
    ]);
  });

  test('a keyword without a default makes the options required', () => {
    expect(functions('div', '- func: div.Tensor_mode(Tensor self, Tensor other, *, str? rounding_mode) -> Tensor')).toEqual([
      '(self: Tensor, other: Tensor, options: { roundingMode: string | null }): Tensor',
    ]);
  });

  test('results: nothing, `this`, a tuple, an object, `out`', () => {
    expect(functions('a', '- func: a(Tensor self) -> ()')).toEqual(['(self: Tensor): void']);
    expect(methods('a_', '- func: a_(Tensor(a!) self) -> Tensor(a!)\n  variants: method')).toEqual(['(): this']);
    expect(functions('a', '- func: a(Tensor self) -> (Tensor, int)')).toEqual(['(self: Tensor): [Tensor, number]']);
    expect(functions('a', '- func: a(Tensor self) -> (Tensor values, Tensor indices)')).toEqual(['(self: Tensor): ValuesIndices']);
    expect(functions('a', '- func: a.out(Tensor[] self, *, Tensor(a!)[] out) -> ()')).toEqual([
      '(self: readonly Tensor[], options: { out: readonly Tensor[] }): Tensor[]',
    ]);
  });

  test('long lists of defaults: the first three may be mixed with options', () => {
    const conv = '- func: conv(Tensor x, Tensor? bias=None, int[2] stride=1, int[2] padding=0, int[2] dilation=1, int groups=1) -> Tensor';
    expect(functions('conv', conv).map((text) => text.split('options')[0])).toEqual([
      '(x: Tensor, ',
      '(x: Tensor, bias: Tensor | null, ',
      '(x: Tensor, bias: Tensor | null, stride: IntList1, ',
      '(x: Tensor, bias: Tensor | null, stride: IntList1, padding: IntList1, ',
      '(x: Tensor, bias: Tensor | null, stride: IntList1, padding: IntList1, dilation: IntList1, groups?: Int): Tensor',
    ]);
  });
});

describe('the table', () => {
  const table = (...entries: string[]) => generate(parseYaml(entries.join('\n'))).files.get('lib/tensor/generated/table.ts') ?? '';

  test('names, namespaces and marks', () => {
    const text = table(
      '- func: log_softmax.int(Tensor self, int dim) -> Tensor\n  variants: function, method\n  autogen: log_softmax.int_out\n  dispatch:\n    CPU: x',
      '- func: fft_rfft2(Tensor self) -> Tensor\n  python_module: fft',
      '- func: linear(Tensor input, Tensor weight) -> Tensor\n  python_module: nn',
    );
    expect(text).toContain("\n  logSoftmax: 'log_softmax.int',");
    expect(text).toContain("\n    logSoftmax: 'log_softmax.int >log_softmax.int_out',");
    expect(text).toMatch(/ {2}fft: \{\n {4}rfft2: 'fft_rfft2',/);
    expect(text).toMatch(/ {2}'nn.functional': \{\n {4}linear: 'linear',/);
  });

  test('of equally long overloads the narrower one comes first', () => {
    const text = table(
      '- func: any.dims(Tensor self, int[]? dim, bool keepdim=False) -> Tensor',
      '- func: any.dim(Tensor self, int dim, bool keepdim=False) -> Tensor',
    );
    expect(text).toContain("any: 'any.dim any.dims'");
  });
});

describe('what is left out', () => {
  test('has a reason', () => {
    const { files, counts } = generate(
      parseYaml(
        [
          '- func: all.dimname(Tensor self, Dimname dim) -> Tensor',
          '- func: numel(Tensor self) -> int\n  variants: method',
          '- func: fancy(Tensor self, Whatever w) -> Tensor',
          '- func: composite(Tensor self) -> Tensor\n  autogen: composite.out',
        ].join('\n'),
      ),
    );
    const text = files.get('codegen/skipped.md') ?? '';
    expect(counts).toMatchObject({ overloads: 1, skipped: 4 });
    expect(text).toMatch(/## named tensors are not supported\n\n- `all.dimname`/);
    expect(text).toMatch(/## hand-written: .*\n\n- `numel`/);
    expect(text).toMatch(/## values of type Whatever have no JavaScript form\n\n- `fancy`/);
    expect(text).toMatch(/composite\n\n- `composite.out`/);
  });
});

test('two operators that would share a JavaScript name are an error', () => {
  const yaml = '- func: a_b(Tensor self) -> Tensor\n- func: a__b(Tensor self) -> Tensor';
  expect(() => generate(parseYaml(yaml))).toThrow('Expected one operator for the name aB but received a_b and a__b');
});
