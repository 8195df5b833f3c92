import { Conv2d, init, type Module } from '../nn';

/**
 * Draws the weights of all convolutions anew, normal with standard deviation sqrt(2 / fanOut), which keeps the variance of gradients
 * through rectifiers (He et al., 2015), and sets their biases to zero.
 */
export function initialiseConvolutions(model: Module): void {
  for (const module of model.modules()) {
    if (!(module instanceof Conv2d)) continue;
    init.kaimingNormal_(module.weight, { mode: 'fanOut', nonlinearity: 'relu' });
    if (module.bias !== null) init.zeros_(module.bias);
  }
}
