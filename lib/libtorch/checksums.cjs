// @ts-check
'use strict';
// SHA-256 of the files that an installation unpacks, by file name, as the package index publishes them. A file
// that is not listed is still checked by pip itself (wheels) and by the CRC of every entry (all archives).

/** @type {Record<string, string>} */
const SHA256 = {
  'torch-2.11.0-cp312-cp312-manylinux_2_28_x86_64.whl': '0f68f4ac6d95d12e896c3b7a912b5871619542ec54d3649cf48cc1edd4dd2756',
  'torch-2.12.0-cp312-cp312-manylinux_2_28_x86_64.whl': '4b4f64c2c2b11f7510d93dd6412b87025ff6eddd6bb61c3b5a3d892ea20c4756',
  'torch-2.12.1-cp312-cp312-manylinux_2_28_x86_64.whl': '649e4ced014ba646f76f8cb9c9726735a6323eb321b7919f942790a923f90921',
  'torch-2.13.0-cp312-cp312-manylinux_2_28_x86_64.whl': '796633c4cdf0fe2cdced72d8f88f22e73dbcfce83132763162f6d4bff13b820b',
  'torch-2.14.0-cp312-cp312-manylinux_2_28_x86_64.whl': 'fecffb58f51fd643d213acd68da21cc3fc19bea05a3bc64b4ee55128f47a4963',
  'torch-2.14.1-cp312-cp312-manylinux_2_28_x86_64.whl': '23011fe29a99b591eabb3a31a25080c62e2c2f0690a3c798744e5489dae50451',
  'torch-2.15.0-cp312-cp312-manylinux_2_28_x86_64.whl': '6d8c86f4e33a9f12a58149bd9b0d64351632b8eb44479be8ff85e5389932dd79',
  'nvidia_cuda_cupti-13.0.85-py3-none-manylinux_2_25_x86_64.whl': '4eb01c08e859bf924d222250d2e8f8b8ff6d3db4721288cf35d14252a4d933c8',
  'nvidia_cuda_runtime-13.0.96-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl':
    '7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548',
  'nvidia_cuda_cupti-13.2.86-py3-none-manylinux_2_25_x86_64.whl': '8fa29f15dd8336181f961764d9d95236fc6b931dd0c8fcf8cd70aab0c310b586',
  'nvidia_cuda_runtime-13.2.86-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl':
    '3498247680dfddce31bad102af7e3e26fc795342a3cac64722bb0fa95e7f60f0',
};

module.exports = { SHA256 };
