# CMakeLists.txt is the one description of the build. This hands over to it, so that `node-gyp rebuild` and prebuildify
# (which knows only node-gyp) reach the same result: build/Release/torchwright.node and the core beside it.
{
  'targets': [
    {
      'target_name': 'torchwright',
      'type': 'none',
      'actions': [
        {
          'action_name': 'cmake',
          'inputs': [],
          # Never made, so that CMake is always asked: it knows what has changed.
          'outputs': ['<(SHARED_INTERMEDIATE_DIR)/always'],
          'action': ['node', '<(module_root_dir)/scripts/cmake-build.mjs'],
        },
      ],
    },
  ],
}
