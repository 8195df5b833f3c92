// Two cores: more workers would only fight over libtorch's threads.
// One thread each: on tensors as small as tests have, two threads of two workers wait for each other ten times longer than they compute.
process.env.OMP_NUM_THREADS ??= '1';

module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  transform: {
    '^.+\\.tsx?$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } }],
  },
  maxWorkers: 2,
  testTimeout: 60_000,
  reporters: ['default', '<rootDir>/scripts/closing-line-reporter.cjs'],
};
