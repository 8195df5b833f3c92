/**
 * The functions of the native core, as native/ registers them. Tensors travel in the cells of the shared block
 * (protocol.ts); what stands here as a parameter or a result is the small rest.
 *
 * Nothing but lib/tensor, lib/autograd and lib/cuda calls these.
 */

/** A stream: id, device index, device type. */
export type PackedStream = readonly [id: number, index: number, type: number];

/** An event that lives in C++. */
export interface NativeEvent {
  readonly nativeEvent: unique symbol;
}

/** A TorchScript module that lives in C++. */
export interface NativeScript {
  readonly nativeScript: unique symbol;
}

/** A model of AOTInductor that lives in C++. */
export interface NativeCompiled {
  readonly nativeCompiled: unique symbol;
}

/** What a compiled model is loaded from and how. */
export interface CompiledSource {
  /** Is removed with the model, also when it does not load. */
  readonly folder: string;
  readonly library: string;
  /** A file of weights, or '' when the library has them. */
  readonly blob: string;
  readonly device: string;
  readonly deviceIndex: number;
  readonly numRunners: number;
  readonly runSingleThreaded: boolean;
}

export interface MemoryStat {
  readonly current: number;
  readonly peak: number;
  readonly allocated: number;
  readonly freed: number;
}

export interface NativeAddon {
  readonly libtorchVersion: string;

  // --- the shared block
  block(): ArrayBuffer;
  side(): ArrayBuffer;
  growSide(bytes: number): void;
  protocol(): Readonly<Record<string, number>>;
  dtypes(): Readonly<Record<string, readonly [code: number, bytes: number]>>;
  deviceTypes(): Readonly<Record<string, number>>;
  setCallbacks(callbacks: {
    wrap(slot: number, generation: number): object;
    warn(message: string): void;
    trace(): string;
    stale(releasedBy: number): string;
    asyncDone(task: number, error: Error | null): void;
    sentinel: object;
  }): void;

  // --- operators
  call(): void;
  findOp(name: string, overload: string): number;
  schemaOf(op: number): string;
  opNames(): string[];

  // --- tensors; the tensor is in cell 0
  sizes(): void;
  strides(): void;
  meta(): void;
  isContiguous(memoryFormat: number): boolean;
  /** Place of the first whole number outside [low, high]; -1 when there is none, or when the tensor is not on the CPU. */
  firstOutside(low: number, high: number): number;
  isPinned(): boolean;
  dataPtr(): bigint;
  fromData(buffer: ArrayBufferLike | Uint8Array, byteOffset: number, dtype: number, copy: boolean): void;
  toBuffer(copy: boolean): ArrayBuffer;
  release(): void;
  isReleased(): boolean;
  watch(object: object): void;
  scopeBegin(): void;
  scopeEnd(): void;
  scopeMove(to: number, only: number): boolean;
  collectionDone(): number;
  memory(): { device: string; tensors: number; bytes: number }[];
  share(): number;
  receive(id: number): void;
  revoke(id: number): boolean;

  // --- autograd
  backward(): void;
  grad(): void;
  getGrad(): void;
  setGrad(): void;
  /** Whether one of them is sparse. */
  getGrads(): boolean;
  zeroGrads(setToNone: boolean): void;
  setRequiresGrad(on: boolean): void;
  retainGrad(): void;
  gradFnName(): string | null;
  setModes(grad: boolean, inference: boolean): void;
  gradEnabled(): boolean;
  setAnomaly(on: boolean, checkNan: boolean): void;
  setAutocast(deviceType: number, dtype: number, cache: boolean): void;
  autocastDtype(deviceType: number): number;
  clearAutocastCache(): void;
  registerHook(hook: (gradient: object) => void): number;
  removeHook(position: number): void;
  setPostAccumulateHook(hook: ((tensor: object) => void) | null): void;
  applyFunction(run: () => void, context: object, backward: (context: object, gradients: (object | null)[]) => void, name: string): void;
  saveForBackward(): void;
  savedTensors(): void;
  markDirty(): void;
  markNonDifferentiable(): void;
  setMaterializeGrads(on: boolean): void;
  setForceServing(on: boolean): void;
  closing(): void;

  // --- TorchScript; a tensor among the arguments is Int32Array [slot, generation]
  jitLoad(path: string): NativeScript;
  jitTensors(script: NativeScript): [name: string, tensor: object, parameter: boolean, first: number][];
  jitSetTensor(script: NativeScript, name: string, handle: Int32Array): void;
  jitTrain(script: NativeScript, on: boolean): void;
  jitTraining(script: NativeScript): boolean;
  jitSchema(script: NativeScript, method: string): string | null;
  jitCall(script: NativeScript, method: string, args: readonly unknown[]): unknown;

  // --- AOTInductor; tensors among the arguments are Int32Array [slot, generation, slot, generation, ...]
  aotiLoad(source: CompiledSource): NativeCompiled;
  aotiUnload(model: NativeCompiled): void;
  aotiCallSpec(model: NativeCompiled): string[];
  aotiRun(model: NativeCompiled, inputs: Int32Array): object[];
  aotiConstants(model: NativeCompiled): string[];
  aotiLoadConstants(model: NativeCompiled, names: readonly string[], tensors: Int32Array, useInactive: boolean, full: boolean): void;
  aotiSwapConstants(model: NativeCompiled): void;

  // --- devices and settings
  getNumThreads(): number;
  setNumThreads(count: number): void;
  getNumInteropThreads(): number;
  showConfig(): string;
  parallelInfo(): string;
  defaultDtype(): number;
  setDefaultDtype(code: number): void;
  newGenerator(deviceType: number, index: number): number;
  defaultGenerator(deviceType: number, index: number): number;
  dropGenerator(id: number): void;
  generatorSetSeed(id: number, seed: bigint): void;
  generatorInitialSeed(id: number): bigint;
  generatorGetState(id: number): void;
  generatorSetState(id: number): void;
  manualSeed(seed: bigint): void;
  acceleratorName(): string | null;
  hasCudaLibrary(): boolean;
  deviceCount(): number;
  currentDevice(): number;
  deviceName(index: number): string;
  setDevice(index: number): void;
  synchronize(index: number): void;
  emptyCache(): void;
  memoryStats(index: number): {
    allocatedBytes: MemoryStat;
    reservedBytes: MemoryStat;
    activeBytes: MemoryStat;
    allocRetries: number;
    outOfMemory: number;
  };
  resetPeakStats(index: number): void;
  memoryInfo(index: number): { free: number; total: number };
  newStream(index: number, priority: number): PackedStream;
  currentStream(index: number): PackedStream;
  setStream(id: number, index: number, type: number): void;
  streamQuery(id: number, index: number, type: number): boolean;
  streamSynchronize(id: number, index: number, type: number): void;
  newEvent(timing: boolean): NativeEvent;
  eventRecord(event: NativeEvent, id: number, index: number, type: number): void;
  eventBlock(event: NativeEvent, id: number, index: number, type: number): void;
  eventQuery(event: NativeEvent): boolean;
  eventSynchronize(event: NativeEvent): void;
  eventElapsed(start: NativeEvent, end: NativeEvent): number;
  setPrecision(value: string): void;
  getPrecision(): string;
  setFlag(name: string, on: boolean): boolean | undefined;
  getFlag(name: string): boolean;
  loadLibrary(path: string): void;
  setAllowUnchecked(on: boolean): void;
}
