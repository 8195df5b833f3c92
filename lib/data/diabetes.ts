/** The diabetes patients of Efron, Hastie, Johnstone and Tibshirani: a small table for regression. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkedOptions } from '../tensor/checked';
import type { Tensor } from '../tensor/tensor';
import { csvTable } from './csv-table';
import { type DatasetOptions, type FileSet, findFiles } from './find-files';
import { TensorDataset } from './tensor-dataset';

const FEATURES = 'diabetes_data_raw.csv.gz';
const TARGET = 'diabetes_target.csv.gz';

const DIABETES: FileSet = {
  name: 'diabetes',
  aliases: ['sklearn', 'scikit-learn'],
  has: (folder) => [FEATURES, TARGET].every((name) => existsSync(join(folder, name))),
  mirrors: ['https://raw.githubusercontent.com/scikit-learn/scikit-learn/1.9.1/sklearn/datasets/data'],
  files: [
    { name: FEATURES, sha256: '7fc0ded571454b1982210d3bb43f0aca44eae01a0b8654a3b24022bdb6b38009' },
    { name: TARGET, sha256: '8e53f65eb811df43c206f3534bb3af0e5fed213bc37ed6ba36310157d6023803' },
  ],
};

const COLUMNS = [
  'age',
  'sex',
  'body mass index',
  'blood pressure',
  'total cholesterol',
  'LDL',
  'HDL',
  'cholesterol ratio',
  'log triglycerides',
  'glucose',
] as const;

export interface DiabetesDataset {
  /** Features float64 [442, 10], as they were measured, and the progress of the disease after a year, float64 [442]. */
  readonly samples: TensorDataset<[features: Tensor, target: Tensor]>;
  /** What the features are. */
  readonly names: readonly string[];
  /** Where the files were found. */
  readonly source: string;
}

/**
 * 442 patients with diabetes, ten measurements of each, and how far the disease went on within a year (Efron, Hastie, Johnstone and
 * Tibshirani, 2004, "Least Angle Regression"), from the files of scikit-learn. Found as `mnist` is.
 *
 * @throws when `dir` is given and has no such files, when a file is damaged, or when the download fails
 */
export async function diabetes(options?: DatasetOptions): Promise<DiabetesDataset> {
  const source = await findFiles(DIABETES, checkedOptions(options, 'diabetes'));
  const read = (name: string, columns: number) => {
    const kinds: Record<number, 'float64'> = Object.fromEntries(Array.from({ length: columns }, (_, k) => [k, 'float64']));
    const table = csvTable(join(source, name), { header: false, delimiter: ' ', columns: kinds });
    return table.matrix(Object.keys(kinds).map(Number), { dtype: 'float64' });
  };
  return {
    samples: new TensorDataset(read(FEATURES, COLUMNS.length), read(TARGET, 1).squeeze(1)),
    names: COLUMNS,
    source,
  };
}
