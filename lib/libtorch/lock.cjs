// @ts-check
'use strict';
// One process at a time: a file that is created exclusively and names its owner.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const crypto = require('node:crypto');

const POLL_MS = 200;
const HEARTBEAT_MS = 5000;
const SILENT_MS = 60_000; // an owner on another machine that shares the folder is known only by its heartbeat

/**
 * When a process began, in the kernel's own count: tells a process from a later one with the same id.
 * @param {number} pid
 */
function startOf(pid) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return '';
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/**
 * What is known about a lock file.
 * @param {string} file
 * @returns {{ text: string, pid: number, stale: boolean } | null} null when it is gone
 */
function look(file) {
  let text;
  let age;
  try {
    text = fs.readFileSync(file, 'utf8');
    age = Date.now() - fs.statSync(file).mtimeMs;
  } catch {
    return null;
  }
  let owner;
  try {
    owner = JSON.parse(text);
  } catch {
    // Created a moment ago and not yet written, or its owner died just then.
    return { text, pid: 0, stale: age > 2000 };
  }
  if (owner.host !== os.hostname()) return { text, pid: owner.pid, stale: age > SILENT_MS };
  const stale = !isAlive(owner.pid) || (owner.start !== '' && startOf(owner.pid) !== owner.start);
  return { text, pid: owner.pid, stale };
}

/**
 * Takes away a lock whose owner is dead. Two may see the same dead owner, so it is moved first and looked at
 * again: whoever moved a living lock puts it back.
 * @param {string} file @param {string} text
 */
function removeStale(file, text) {
  const aside = `${file}.${process.pid}.${crypto.randomBytes(4).toString('hex')}`;
  try {
    fs.renameSync(file, aside);
    if (fs.readFileSync(aside, 'utf8') !== text) fs.linkSync(aside, file);
  } catch {
    // Somebody else was faster.
  }
  fs.rmSync(aside, { force: true });
}

/**
 * Waits until the lock is ours.
 * @param {string} file
 * @param {{ onWait?: (pid: number) => void, signal?: AbortSignal }} [options]
 * @returns {Promise<() => void>} gives the lock back
 */
async function acquire(file, options = {}) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const text = JSON.stringify({
    pid: process.pid,
    start: startOf(process.pid),
    host: os.hostname(),
    id: crypto.randomBytes(8).toString('hex'),
  });
  let said = false;
  for (;;) {
    options.signal?.throwIfAborted();
    try {
      fs.writeFileSync(file, text, { flag: 'wx' });
      break;
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    }
    const owner = look(file);
    if (owner?.stale) {
      removeStale(file, owner.text);
      continue;
    }
    if (owner && !said) {
      said = true;
      options.onWait?.(owner.pid);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  const heartbeat = setInterval(() => {
    const now = new Date();
    fs.utimes(file, now, now, () => {});
  }, HEARTBEAT_MS);
  heartbeat.unref();
  return () => {
    clearInterval(heartbeat);
    if (look(file)?.text === text) fs.rmSync(file, { force: true });
  };
}

module.exports = { acquire };
