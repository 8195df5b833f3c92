import { accessSync, constants } from 'node:fs';
import { Module } from '../nn/module';
import { Buffer, Parameter } from '../nn/parameter';
import type { NativeScript } from '../tensor/addon';
import { expected } from '../tensor/expected';
import { scope } from '../tensor/scope';
import {
  callScript,
  loadScript,
  type ScriptValue,
  scriptSchema,
  scriptTensors,
  scriptTrains,
  setScriptTensor,
  trainScript,
} from '../tensor/script';
import type { Tensor } from '../tensor/tensor';
import { ScriptPart } from './script-part';

/** How a model is called. */
export type ScriptForward = (...inputs: never[]) => unknown;

/**
 * A model that Python compiled: its forward is the file's, its parameters and buffers are those of any module, with PyTorch's keys,
 * so that it is trained, moved, saved and loaded like one. Made by `jit.load`.
 */
export class ScriptModule<Forward extends ScriptForward = (...inputs: ScriptValue[]) => Tensor> extends Module {
  readonly #script: NativeScript;
  readonly #content = new ScriptPart();

  /** @param path of a file of `torch.jit.save`; `jit.load` says the rest */
  constructor(path: string) {
    super();
    if (typeof path !== 'string' || path === '') throw expected('a path', 'jit.load', path);
    this.#script = open(path);
    scope(() => {
      const made: (Parameter | Buffer)[] = [];
      for (const [k, [name, tensor, isParameter, first]] of scriptTensors(this.#script).entries()) {
        // Tied weights stay one tensor.
        const own = made[first] ?? (isParameter ? new Parameter(tensor, { requiresGrad: tensor.requiresGrad }) : new Buffer(tensor));
        made[k] = own;
        setScriptTensor(this.#script, name, own);
        this.#content.put(name.split('.'), own);
      }
    });
    this.training = scriptTrains(this.#script); // and not train(), which would change every module below
  }

  override forward(...inputs: Parameters<Forward>): ReturnType<Forward> {
    return callScript(this.#script, 'forward', inputs) as ReturnType<Forward>;
  }

  /** Calls another method that Python exported (`@torch.jit.export`). @throws when there is none */
  call(method: string, ...inputs: readonly ScriptValue[]): unknown {
    return callScript(this.#script, method, inputs);
  }

  /** How a method is called, in TorchScript's words: `forward(__torch__.Net self, Tensor x) -> Tensor`; null when there is none. */
  schema(method = 'forward'): string | null {
    return scriptSchema(this.#script, method);
  }

  override members(): IterableIterator<[key: string, member: Tensor | Module]> {
    return this.#content.members();
  }

  override train(mode = true): this {
    trainScript(this.#script, mode);
    return super.train(mode);
  }
}

function open(path: string): NativeScript {
  accessSync(path, constants.R_OK);
  try {
    return loadScript(path);
  } catch (error) {
    const [reason] = (error as Error).message.split('\n');
    throw new Error(`Expected a model of torch.jit.save in ${path} but received another or a damaged file: ${reason}`, { cause: error });
  }
}
