/** PyTorch's own losses. */

export * from './loss-classification';
export * from './loss-ctc';
export * from './loss-margin';
export * from './loss-regression';
