import { data } from 'torchwright';

/** The names that `loadImages` knows. */
export const IMAGE_DATASETS = ['mnist', 'fashion-mnist', 'digits'] as const;

/**
 * The images called `name`, from the folder `dir` when given. Without a name MNIST, or, where that cannot be had, the digits
 * that come with the package.
 */
export async function loadImages(name: string | undefined, dir: string | undefined): Promise<data.ImageDatasets> {
  if (name === 'digits') return data.digits();
  if (name === 'fashion-mnist') return data.fashionMnist({ dir });
  if (name === 'mnist' || dir !== undefined) return data.mnist({ dir });
  return data.mnist().catch((error: Error) => {
    console.log(`There is no MNIST here, so the digits that come with the package are taken. ${error.message}`);
    return data.digits();
  });
}
