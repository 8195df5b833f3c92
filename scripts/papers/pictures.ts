/** The pictures that recipes draw, as files. */

import type { Outcome } from '../../examples/papers/lib/recipe';
import { scatterSvg } from '../../examples/papers/lib/scatter';

/** `08-multi-similarity-1.svg` and so on, with their content. */
export function picturesOf(slug: string, { scatters = [] }: Outcome): [file: string, svg: string][] {
  return scatters.map((data, k) => [`${slug}-${k + 1}.svg`, scatterSvg(data)]);
}
