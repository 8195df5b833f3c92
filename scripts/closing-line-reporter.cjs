// The last line of a test run, in a form that every reader understands: `12 passed, 0 failed, 1 skipped`.
module.exports = class ClosingLine {
  onRunComplete(_contexts, results) {
    const failedSuites = results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const line = `${results.numPassedTests} passed, ${results.numFailedTests + failedSuites} failed`;
    // After the default reporter's own summary.
    process.on('exit', () => process.stdout.write(`${skipped > 0 ? `${line}, ${skipped} skipped` : line}\n`));
  }
};
