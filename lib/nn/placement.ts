/** Counts how often the memory under parameters was replaced, so that optimizers can keep what they know of dtypes and devices. */
let replacements = 0;

/** To be called after parameters moved to another device or dtype. */
export function dataReplaced(): void {
  replacements++;
}

export function replacementCount(): number {
  return replacements;
}
