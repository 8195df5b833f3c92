/** What the generator decides by name. Everything else follows from the schemas. */

/** The namespaces of functions: their key in the table, their interface, and the prefix that their names lose. */
export interface NamespaceConfig {
  /** `python_module` in native_functions.yaml; empty for the root. */
  readonly module: string;
  /** Key in the generated table and path below the package's root. */
  readonly key: string;
  readonly interface: string;
  readonly prefix: string;
}

export const NAMESPACES: readonly NamespaceConfig[] = [
  { module: '', key: 'root', interface: 'Functions', prefix: '' },
  { module: 'fft', key: 'fft', interface: 'FftFunctions', prefix: 'fft_' },
  { module: 'linalg', key: 'linalg', interface: 'LinalgFunctions', prefix: 'linalg_' },
  { module: 'special', key: 'special', interface: 'SpecialFunctions', prefix: 'special_' },
  { module: 'nn', key: 'nn.functional', interface: 'NnFunctions', prefix: '' },
  { module: 'sparse', key: 'sparse', interface: 'SparseFunctions', prefix: 'sparse_' },
  { module: 'nested', key: 'nested', interface: 'NestedFunctions', prefix: 'nested_' },
];

/** Methods of `Tensor` that are written by hand, by their JavaScript name. */
export const HANDWRITTEN_METHODS: Readonly<Record<string, string>> = {
  backward: 'starts autograd: runs on the tensor itself, with hooks and callbacks',
  _backward: 'the raw form of `backward`',
  data: 'accessor',
  dataPtr: 'plain value, read without the dispatcher',
  device: 'accessor',
  dim: 'plain value, read without the dispatcher',
  dtype: 'accessor',
  grad: 'accessor',
  index: 'takes slices, masks, `null` and `...`',
  indexPut_: 'takes slices, masks, `null` and `...`',
  isContiguous: 'plain value, read without the dispatcher',
  isLeaf: 'accessor',
  item: 'reads a value back; knows bigint and complex',
  mH: 'accessor',
  mT: 'accessor',
  matrixH: 'accessor `H`',
  numel: 'plain value, read without the dispatcher',
  numpyT: 'accessor `T`',
  outputNr: 'accessor',
  requiresGrad_: 'changes the tensor, not its values',
  retainGrad: 'changes the tensor, not its values',
  retainsGrad: 'accessor',
  setData: 'accessor `data`',
  shape: 'accessor',
  size: 'plain value, read without the dispatcher',
  storageOffset: 'plain value, read without the dispatcher',
  stride: 'plain value, read without the dispatcher',
  to: 'sorts out dtype, device and tensor by hand',
  toString: 'printing',
  type: 'accessor',
  _version: 'accessor',
};

/** Root functions that are written by hand, by their JavaScript name. */
export const HANDWRITTEN_FUNCTIONS: Readonly<Record<string, string>> = {
  fromBlob: 'takes JavaScript memory',
  slice: 'makes an index for `Tensor.index`, as in Python; the operator is the method `slice`',
  tensor: 'takes JavaScript values',
};

/** Operators that have no use in JavaScript, by schema name (`add` or `add.Tensor`). */
export const LEFT_OUT: readonly { readonly names: RegExp; readonly reason: string }[] = [
  { names: /^sym_/, reason: 'symbolic twin of a plain accessor, for the tracer' },
  { names: /^_test_/, reason: "libtorch's own test helper" },
];

/** Argument types without a JavaScript form. */
export const UNSUPPORTED_TYPES: readonly { readonly type: RegExp; readonly reason: string }[] = [
  { type: /^Dimname/, reason: 'named tensors are not supported' },
  { type: /^Storage/, reason: 'storages are not exposed; tensors share memory through views' },
  { type: /^Stream/, reason: 'streams have their own class, outside the operators' },
  { type: /^QScheme/, reason: 'quantisation schemes are not exposed' },
  { type: /^ConstQuantizerPtr/, reason: 'quantizer objects are not exposed' },
];
