/** What a dataset can ask about the worker it is in. */

export interface WorkerInfo {
  /** 0 <= id < numWorkers. */
  readonly id: number;
  readonly numWorkers: number;
}

let info: WorkerInfo | undefined;

/** The worker of a `DataLoader` that this code runs in; undefined elsewhere. */
export function workerInfo(): WorkerInfo | undefined {
  return info;
}

export function setWorkerInfo(own: WorkerInfo): void {
  info = own;
}
