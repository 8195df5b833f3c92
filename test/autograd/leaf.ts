import * as torch from '../../lib';

/** A leaf tensor of doubles that asks for gradients. */
export const leaf = (values: torch.TensorData, device: torch.DeviceLike = 'cpu'): torch.Tensor =>
  torch.tensor(values, { dtype: 'float64', device, requiresGrad: true });
