/** ETH and UCY: pedestrians in five scenes, one of which is left out for testing. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { type DatasetOptions, type FileSet, findFiles } from './find-files';
import { type TrajectoryOptions, TrajectoryWindows } from './trajectories';

const RECORDINGS = {
  eth: ['biwi_eth'],
  hotel: ['biwi_hotel'],
  univ: ['students001', 'students003'],
  zara1: ['crowds_zara01'],
  zara2: ['crowds_zara02'],
} as const;

/** The scenes of ETH/UCY. */
export type EthUcyScene = keyof typeof RECORDINGS;

/** Recordings that are for training only: no scene is tested on them. */
const MORE = ['uni_examples', 'crowds_zara03'] as const;

const SHA256: Readonly<Record<string, string>> = {
  'all_data/biwi_eth.txt': 'cf8d3fd342a15f409ebc2a1fc76b91a0f06390bd21f1e11410f3859331ab082b',
  'all_data/biwi_hotel.txt': '9caa771bb9153d6b809dd0916b6f86761b641e6bbb15e766c1de3133fbbb7fcf',
  'all_data/crowds_zara01.txt': '1147a1962a09abfb86f28c6cddcac862e095a0cf129b3016385b69eacdd09d85',
  'all_data/crowds_zara02.txt': '8a649d0f8c9ae75c87c4d23a85f892786b0aa30266e996c7be03e69dafff22ff',
  'all_data/students001.txt': 'a6d87f278d94136fe39b8be91555487a29ac77259ae403b9dba2d5c18caf7b5b',
  'all_data/students003.txt': 'e25798b660634330aa89f8bb259425de720e84d0873902726c1d1f4ccff21d6c',
  'train/biwi_eth_train.txt': '7905d1337f8466c3ebcd80e8264158209370e939774a371d215491256128407e',
  'train/biwi_hotel_train.txt': 'f3f485043273e3d972efd73770df0021ec7d3d5135f60d2e2ca5809f68d6f104',
  'train/crowds_zara01_train.txt': '5b2ff1a334f4b3e8595e0ee898874b1795561db7bde97e90cbc4a1382c8c3d56',
  'train/crowds_zara02_train.txt': '9fd606341135d7d211c3af259c9eb2c25e4c7035efc43d3007ceeef6f954b247',
  'train/crowds_zara03_train.txt': 'd38a0a6cd1e24adadbb3b15cac97b747e5c6ace2c59d457d805f38a4d91d5a03',
  'train/students001_train.txt': 'f41a0a63301e1c15104205c4a1540db477ddc3330ee2801a976d7b9fc238a63e',
  'train/students003_train.txt': '85fe6324e9a0b94acb21617eb0331f543fe5ebf0caee1e253794bca554f35daf',
  'train/uni_examples_train.txt': '06866bea5c2f589094473371e9fb6b653c7af95e5f748434bc1024544c5e1c7a',
  'val/biwi_eth_val.txt': 'ed19f8ee52e024788658d70060c1452b991aa506b78ea649c74f79e075ad20b9',
  'val/biwi_hotel_val.txt': '5c6026c5c6feb81295187e2e063d86197344428811ac2ae98a45bdfb5dfa79ed',
  'val/crowds_zara01_val.txt': 'd5212e4e3289aa44365e5ce34a476ef2a4208c89bd6a29204ece097c7f33c157',
  'val/crowds_zara02_val.txt': '361949e5655814680e1185bdd23344932f7b6ccc0d7120c34b523495d0fc69f8',
  'val/crowds_zara03_val.txt': '60d464e21fd3851fab146ec3b35d0db4155b3c057f4b46050336eac59314f0f5',
  'val/students001_val.txt': 'dc8f3147820e80642903041b017292eb03ea5df81ffd2974b47a725d8ffeb394',
  'val/students003_val.txt': 'b7aa6dcedba0e9036272dc363e2a25e6bb80d7485d75dcb3fff918ce01b10e24',
  'val/uni_examples_val.txt': '436dfa865ffab37957e928e227a1b6cc836ab0e6b7652abbf5d06cdf5638dee4',
};

const ETH_UCY: FileSet = {
  name: 'eth-ucy',
  mirrors: [
    'https://raw.githubusercontent.com/StanfordASL/Trajectron-plus-plus/1031c7bd1a444273af378c1ec1dcca907ba59830/experiments/pedestrians/raw/raw',
  ],
  files: Object.entries(SHA256).map(([name, sha256]) => ({ name, sha256 })),
  has: (folder) => Object.keys(SHA256).every((name) => existsSync(join(folder, name))),
};

export interface EthUcyDatasets {
  readonly train: TrajectoryWindows;
  readonly validation: TrajectoryWindows;
  readonly test: TrajectoryWindows;
  /** Where the files were found. */
  readonly source: string;
}

/**
 * ETH (Pellegrini et al., 2009, "You'll Never Walk Alone") and UCY (Lerner et al., 2007, "Crowds by Example"): positions of
 * pedestrians in metres, 2.5 a second, in windows of 8 observed and 12 following steps.
 *
 * The recordings of `scene` are for testing; training and validation are those of the other scenes, divided in time as in
 * Trajectron++ (Salzmann et al., 2020). The files `all_data/biwi_eth.txt`, `train/biwi_eth_train.txt`, `val/biwi_eth_val.txt`
 * and so on are found as those of `mnist` are.
 *
 * @throws for an unknown scene, when `dir` is given and lacks a file, when a file is damaged, or when the download fails
 */
export async function ethUcy(scene: EthUcyScene, options?: DatasetOptions & TrajectoryOptions): Promise<EthUcyDatasets> {
  const given = checkedOptions(options, 'ethUcy');
  if (!Object.hasOwn(RECORDINGS, scene)) throw expected(`one of ${Object.keys(RECORDINGS).join(', ')}`, 'scene', scene);
  const folder = await findFiles(ETH_UCY, given);
  const tested: readonly string[] = RECORDINGS[scene];
  const others = [...Object.values(RECORDINGS).flat(), ...MORE].filter((name) => !tested.includes(name));
  const windows = (part: string, names: readonly string[], ending: string): TrajectoryWindows =>
    TrajectoryWindows.fromFiles(
      names.map((name) => join(folder, part, `${name}${ending}.txt`)),
      given,
    );
  return {
    train: windows('train', others, '_train'),
    validation: windows('val', others, '_val'),
    test: windows('all_data', tested, ''),
    source: folder,
  };
}
