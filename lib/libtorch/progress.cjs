// @ts-check
'use strict';
// Says how far something is: a bar on a terminal, a plain line now and then elsewhere.

/** @param {number} bytes */
function size(bytes) {
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(0)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

/** @param {number} seconds */
function duration(seconds) {
  if (!Number.isFinite(seconds)) return '?';
  const whole = Math.ceil(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

const PLAIN_EVERY_MS = 5000;
const BAR_EVERY_MS = 100;

/**
 * @typedef {{ isTTY?: boolean, columns?: number, write(text: string): unknown }} Output
 *
 * @param {string} label
 * @param {{ total?: number, start?: number, output?: Output, now?: () => number }} [options]
 *   `start`: bytes that were there before, which do not count for the rate
 */
function progress(label, options = {}) {
  const { start = 0, output = process.stderr, now = Date.now } = options;
  let total = options.total;
  const began = now();
  let last = began;
  let done = start;

  const text = () => {
    const rate = (done - start) / Math.max((now() - began) / 1000, 0.001);
    const parts = [total ? `${size(done)} of ${size(total)}` : size(done)];
    if (rate > 0) parts.push(`${size(rate)}/s`);
    if (total && done < total && rate > 0) parts.push(`${duration((total - done) / rate)} left`);
    return parts.join(', ');
  };
  const draw = () => {
    if (!output.isTTY) {
      const percent = total ? `${String(Math.floor((100 * done) / total)).padStart(3)} % ` : '';
      output.write(`${label}: ${percent}${text()}\n`);
      return;
    }
    const width = 24;
    const filled = total ? Math.min(width, Math.round((width * done) / total)) : 0;
    const line = `${label} [${'#'.repeat(filled)}${'.'.repeat(width - filled)}] ${text()}`;
    output.write(`\r\x1b[2K${line.slice(0, (output.columns || 120) - 1)}`);
  };

  return {
    /** @param {number} bytes done so far, all in all @param {number} [ofTotal] */
    at(bytes, ofTotal) {
      done = bytes;
      if (ofTotal !== undefined) total = ofTotal;
      if (now() - last < (output.isTTY ? BAR_EVERY_MS : PLAIN_EVERY_MS)) return;
      last = now();
      draw();
    },
    end() {
      if (output.isTTY) {
        draw();
        output.write('\n');
      } else {
        output.write(`${label}: ${text()}\n`);
      }
    },
  };
}

module.exports = { progress, size, duration };
