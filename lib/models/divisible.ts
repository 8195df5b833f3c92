/**
 * A number of channels near `channels` that 8 divides, at least 8 and not more than a tenth below: what MobileNet and EfficientNet round
 * their widths to.
 */
export function divisibleByEight(channels: number): number {
  const nearest = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return nearest < 0.9 * channels ? nearest + 8 : nearest;
}
