/** `runningMean` -> `running_mean`: the spelling of PyTorch's state dict keys. */
export function stateKey(field: string): string {
  return field.replace(/(?<!^|_)[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
