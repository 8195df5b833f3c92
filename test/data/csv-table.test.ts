import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as torch from '../../lib';
import { data } from '../../lib';

let root: string;
const environment = { ...process.env };
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'csv-'));
  delete process.env.TORCHWRIGHT_DATA;
});
afterEach(() => {
  process.env = { ...environment };
  rmSync(root, { recursive: true });
});
function file(content: string | Buffer, name = 'a.csv'): string {
  writeFileSync(join(root, name), content);
  return join(root, name);
}

const PEOPLE = `\ufeffname, age, height, town
"Ada, Countess", 36, 1.65, London
Bo,?,-2.5e-1, Oslo

Cy, 7, , London
`;

test('columns of numbers, categories and texts, with what is missing', () => {
  const { length, columns } = data.csvTable(file(PEOPLE), {
    columns: { name: 'text', age: 'int64', height: 'float64', town: 'category' },
  });
  expect(length).toBe(3);
  expect(columns.name.values).toEqual(['Ada, Countess', 'Bo', 'Cy']);
  expect([columns.age.values.dtype, columns.age.values.toArray(), columns.age.missing.toArray()]).toEqual([
    'int64',
    [36, 0, 7],
    [false, true, false],
  ]);
  expect([columns.height.values.dtype, columns.height.values.toArray()]).toEqual(['float64', [1.65, -0.25, Number.NaN]]);
  expect(columns.height.missing.toArray()).toEqual([false, false, true]);
  expect([columns.town.categories, columns.town.values.dtype, columns.town.values.toArray()]).toEqual([
    ['London', 'Oslo'],
    'int64',
    [0, 1, 0],
  ]);
});

test('a matrix has columns side by side, NaN where something is missing', () => {
  const table = data.csvTable(file('x,c,n\n1.5,b,4\n2,?,?\n3,a,6'), { columns: { x: 'float32', c: 'category', n: 'int64' } });
  const matrix = table.matrix(['n', 'c', 'x']);
  expect(matrix.dtype).toBe('float32');
  expect(matrix.toArray()).toEqual([
    [4, 1, 1.5],
    [Number.NaN, Number.NaN, 2],
    [6, 0, 3],
  ]);
  expect(table.matrix(['x'], { dtype: 'float64' }).dtype).toBe('float64');
});

test('columns outlive the scope that they were read in', () => {
  const table = torch.scope(() => data.csvTable(file('x\n1\n2'), { columns: { x: 'float32' } }));
  expect(table.columns.x.values.toArray()).toEqual([1, 2]);
});

test('without names columns have positions; names can be given', () => {
  const path = file('M,0.5,15\nF,0.25,7');
  const byPosition = data.csvTable(path, { header: false, columns: { 0: 'category', 2: 'int64' } });
  expect([byPosition.columns[0].categories, byPosition.columns[2].values.toArray()]).toEqual([
    ['F', 'M'],
    [15, 7],
  ]);
  const named = data.csvTable(path, { header: ['sex', 'length', 'rings'], columns: { length: 'float32' } });
  expect([named.length, named.columns.length.values.toArray()]).toEqual([2, [0.5, 0.25]]);
});

test('categories given keep their order, so that two files have one code', () => {
  const columns = { label: { categories: ['yes', 'no', 'maybe'] } };
  const table = data.csvTable(file('label\nno\n?\nyes'), { columns });
  expect(table.columns.label.values.toArray()).toEqual([1, -1, 0]);
  expect(() => data.csvTable(file('label\nno\nnever'), { columns })).toThrow(
    'Expected one of yes, no, maybe in row 2 of column label of a.csv but received string "never"',
  );
});

test('delimiters, quotes, lines before the table, marks of the missing, compression', () => {
  const path = file(gzipSync("# about\n# more\na;b\n'1;5';-9\n2;3\n"), 'b.csv.gz');
  const options = { delimiter: ';', quote: "'", skipLines: 2, missing: ['-9'] };
  const { columns } = data.csvTable(path, { ...options, columns: { a: 'text', b: 'float32' } });
  expect([columns.a.values, columns.b.values.toArray()]).toEqual([
    ['1;5', '2'],
    [Number.NaN, 3],
  ]);
});

test.each([
  ['1', 1],
  ['-.5', -0.5],
  ['+2.', 2],
  ['1E3', 1000],
  ['inf', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
])('%s is a number', (text, value) => {
  expect(data.csvTable(file(`x\n${text}`), { columns: { x: 'float64' } }).columns.x.values.toArray()).toEqual([value]);
});

test.each(['0x10', '1,5', 'one', '1e', '--1', '1 2', '1_000', 'true'])('%s is none', (text) => {
  expect(() => data.csvTable(file(`x\n"${text}"`), { columns: { x: 'float32' } })).toThrow(
    `Expected a number in row 1 of column x of a.csv but received string "${text}"`,
  );
});

test('whole numbers are exact in all 64 bits, and refused outside', () => {
  const table = data.csvTable(file('x\n9223372036854775807\n-3.0'), { columns: { x: 'int64' } });
  expect(table.columns.x.values.toTypedArray()).toEqual(BigInt64Array.of(9223372036854775807n, -3n));
  for (const odd of ['9223372036854775808', '1.5', '1e3'])
    expect(() => data.csvTable(file(`x\n${odd}`), { columns: { x: 'int64' } })).toThrow('Expected a whole number in row 1');
});

test('an empty field is no zero when it does not mean missing', () => {
  expect(() => data.csvTable(file('x,y\n,1'), { columns: { x: 'float32' }, missing: [] })).toThrow(
    'Expected a number in row 1 of column x of a.csv but received string ""',
  );
});

test('a table without rows has columns of length 0', () => {
  const table = data.csvTable(file('x,c\n'), { columns: { x: 'float32', c: 'category' } });
  expect([table.length, table.matrix(['x', 'c']).shape]).toEqual([0, [0, 2]]);
});

test('what does not fit is refused', () => {
  const columns = { x: 'float32' } as const;
  expect(() => data.csvTable(join(root, 'none.csv'), { columns })).toThrow(`Expected a file or folder ${root}/none.csv but found none`);
  expect(() => data.csvTable(file(''), { columns })).toThrow('Expected rows in a.csv but found none');
  expect(() => data.csvTable(file('y,z\n1,2'), { columns })).toThrow('Expected a column "x" in a.csv but found y, z');
  expect(() => data.csvTable(file('x,y\n1,2\n3'), { columns })).toThrow('Expected a table in a.csv but reading it failed');
  expect(() => data.csvTable(file('x\n"1'), { columns })).toThrow('Expected a table in a.csv but reading it failed');
  expect(() => data.csvTable(file('1,2'), { columns, header: ['x'] })).toThrow('Expected 1 fields in each row of a.csv but received 2');
  // @ts-expect-error no such kind
  expect(() => data.csvTable(file('x\n1'), { columns: { x: 'double' } })).toThrow('for column x but received string "double"');
  expect(() => data.csvTable(file('x\n1'), { columns: { x: { categories: ['a', 'a'] } } })).toThrow('without repetitions');
  // @ts-expect-error the columns are needed
  expect(() => data.csvTable(file('x\n1'), {})).toThrow('Expected an object of columns and their kinds for columns');
  const table = data.csvTable(file('x,t\n1,a'), { columns: { x: 'float32', t: 'text' } });
  expect(() => table.matrix(['t'])).toThrow('Expected a column of numbers or categories for names');
  // @ts-expect-error no such column
  expect(() => table.matrix(['q'])).toThrow('Expected one of the columns x, t for names but received string "q"');
  expect(() => table.matrix([])).toThrow('Expected at least one column for names');
});

test('a relative path is looked for below TORCHWRIGHT_DATA too', () => {
  file('x\n4');
  process.env.TORCHWRIGHT_DATA = root;
  expect(data.csvTable('a.csv', { columns: { x: 'float32' } }).columns.x.values.toArray()).toEqual([4]);
});
