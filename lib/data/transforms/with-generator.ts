import { expected } from '../../tensor/expected';
import { Generator } from '../../tensor/generator';
import { generator as batchGenerator } from '../batch-random';

export interface RandomOptions {
  /** Where the random choices come from. Default: `data.generator()`, which a `DataLoader` seeds for each batch. */
  generator?: Generator;
}

/** What makes random choices for a batch. */
export abstract class WithGenerator {
  readonly #generator: Generator | undefined;

  /** @throws for a generator that is none */
  constructor({ generator }: RandomOptions) {
    if (generator !== undefined && !(generator instanceof Generator)) throw expected('a torch.Generator', 'generator', generator);
    this.#generator = generator;
  }

  protected get generator(): Generator | null {
    return this.#generator ?? batchGenerator();
  }
}
