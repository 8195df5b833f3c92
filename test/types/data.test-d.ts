import { data, type Tensor } from '../../lib';

declare const x: Tensor;
const pairs = new data.TensorDataset(x, x);
const named = { length: 3, get: (index: number) => ({ image: x, label: index, name: `${index}` }) };

// Batches have the type of the dataset.
for (const [a, b] of new data.DataLoader(pairs)) a.add(b);
for (const batch of new data.DataLoader(named)) {
  const label: Tensor = batch.label;
  const name: string[] = batch.name;
  label.add(name.length);
}
// Also through subsets, concatenations and splits.
for (const [a, b] of new data.DataLoader(new data.Subset(pairs, [0]))) a.add(b);
for (const { name } of new data.DataLoader(new data.Subset(named, [0]))) name.join();
for (const [a] of new data.DataLoader(new data.ConcatDataset(pairs, pairs))) a.add(1);
const [train, test] = data.randomSplit(pairs, [0.9, 0.1]);
for (const [a] of new data.DataLoader(train)) a.add(test.length);
// @ts-expect-error there are two parts
data.randomSplit(pairs, [0.9, 0.1])[2].length;
// Samples without positions.
for (const batch of new data.DataLoader([1, 2, 3])) batch.add(1);
// What collate and transform give is what the loader gives.
for (const text of new data.DataLoader(named, { collate: (samples) => samples.map(({ name }) => name).join() })) text.toUpperCase();
for (const { a } of new data.DataLoader(pairs, { transform: ([a, b]) => ({ a: a.add(b) }) })) a.add(1);
async function later(): Promise<void> {
  for await (const [a, b] of new data.DataLoader(pairs, { numWorkers: 2 })) a.add(b);
}
void later;

// @ts-expect-error a batch of pairs has two parts
for (const [, , c] of new data.DataLoader(pairs)) c;
// @ts-expect-error no such option
new data.DataLoader(pairs, { batch_size: 4 });
// @ts-expect-error a sampler has a length
new data.DataLoader(pairs, { sampler: new Set([1]) });
// @ts-expect-error the module is needed
new data.DataLoader(pairs, { numWorkers: 1, worker: { dataset: 'make' } });
// @ts-expect-error no dataset
new data.DataLoader(5);
// @ts-expect-error weights come before their number
new data.WeightedRandomSampler(3, [1, 2]);

const { transforms } = data;
new transforms.Compose([new transforms.RandomCrop(28, { padding: 4, paddingMode: 'reflect' }), new transforms.RandAugment()])
  .forward(x)
  .add(1);
const [mixed, probabilities] = new transforms.MixUp({ numClasses: 10 }).forward([x, x]);
mixed.add(probabilities);
// @ts-expect-error no such mode
new transforms.RandomCrop(28, { padding: 4, paddingMode: 'mirror' });
// @ts-expect-error a range has two numbers
new transforms.RandomResizedCrop(4, { scale: [1, 2, 3] });
// @ts-expect-error not every interpolation is one of parts that differ
new transforms.RandomResizedCrop(4, { interpolation: 'bicubic' });
// @ts-expect-error a function is no transform
new transforms.Compose([(image: Tensor) => image]);

// Columns have the type of what they hold.
const table = data.csvTable('a.csv', { columns: { age: 'int64', town: 'category', name: 'text', label: { categories: ['no', 'yes'] } } });
const ages: Tensor = table.columns.age.values;
const towns: readonly string[] = table.columns.town.categories;
const names: readonly (string | null)[] = table.columns.name.values;
table.columns.label.categories
  .concat(
    towns,
    names.filter((name) => name !== null),
  )
  .join();
table.matrix(['age', 'label']).add(ages);
data.csvTable('a.csv', { header: false, columns: { 0: 'float32' } }).matrix([0]);
// @ts-expect-error no such column
table.columns.height;
// @ts-expect-error numbers have no categories
table.columns.age.categories;
// @ts-expect-error no such kind
data.csvTable('a.csv', { columns: { age: 'double' } });
