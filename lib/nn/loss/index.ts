/** PyTorch's own losses as modules. */

export * from './classification';
export * from './ctc';
export * from './margin';
export * from './regression';
