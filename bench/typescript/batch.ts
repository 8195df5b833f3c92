/** Runs a workload n times. */
export type Batch = (n: number) => void | Promise<void>;
