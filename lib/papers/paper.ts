/** What is known of a paper. Files are named from the root of the repository. */
export interface Paper {
  /** From 1; 0 for what several papers stand on. */
  readonly number: number;
  /** The name of its files: `05-cross-entropy-comp-sum`. */
  readonly slug: string;
  readonly title: string;
  /** Family names. */
  readonly authors: string;
  readonly year: number;
  /** Where: a conference or journal, an arXiv number. */
  readonly published: string;
  /** What the package exports for it: `losses.compSumLoss`. */
  readonly exports: readonly string[];
  /** The script that shows what the paper claims. */
  readonly example: string;
  /** Values that the functions must reproduce. */
  readonly golden: string;
  /** What it is for and how it is used. */
  readonly page: string;
  /** `'done'`: everything of it is there, proved and documented. */
  readonly status: 'done' | 'planned';
}
