/** `torch.models`: well-known networks, ready to train or to load weights into. */

export { ConvAutoencoder, type ConvAutoencoderOptions } from './conv-autoencoder';
export { EfficientNet, type EfficientNetOptions, efficientnetB0 } from './efficientnet';
export { type GenerateOptions, GPT, type GPTOptions } from './gpt';
export { LeNet, type LeNetOptions } from './lenet';
export { MLP, type MLPOptions } from './mlp';
export { MobileNetV2, type MobileNetV2Options, mobilenetV2 } from './mobilenet-v2';
export { BasicBlock, Bottleneck, ResNet, type ResNetBlock, type ResNetOptions, resnet18, resnet34, resnet50 } from './resnet';
export { StochasticDepth } from './stochastic-depth';
export { UNet, type UNetOptions } from './unet';
export { VisionTransformer, type VisionTransformerOptions, type ViTOptions, vitB16 } from './vision-transformer';
