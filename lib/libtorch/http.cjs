// @ts-check
'use strict';
// Downloads one file: follows redirects, honours the proxy variables, goes on where an earlier try stopped.

const crypto = require('node:crypto');
const fs = require('node:fs');
const http = require('node:http');
const https = require('node:https');
const net = require('node:net');
const path = require('node:path');
const tls = require('node:tls');
const { pipeline } = require('node:stream/promises');
const { Transform } = require('node:stream');
const { setTimeout: sleep } = require('node:timers/promises');
const { progress } = require('./progress.cjs');

const CONNECT_TIMEOUT_MS = 20_000;
const IDLE_TIMEOUT_MS = 60_000;
const MAX_REDIRECTS = 10;
const MAX_TRIES_WITHOUT_PROGRESS = 4;

/** An answer that trying again will not change. */
class HttpError extends Error {
  /** @param {string} message @param {number} status */
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/**
 * The proxy for an address, from HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY (either case), or null.
 * @param {URL} url @param {NodeJS.ProcessEnv} [env]
 * @returns {URL | null}
 */
function proxyFor(url, env = process.env) {
  /** @param {string} name */
  const setting = (name) => env[name.toLowerCase()] || env[name] || '';
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  for (const entry of setting('NO_PROXY')
    .split(/[\s,]+/)
    .filter(Boolean)) {
    if (entry === '*') return null;
    const match = /^(.*?)(?::(\d+))?$/.exec(entry.toLowerCase());
    const name = (match?.[1] ?? '').replace(/^\*?\./, '');
    if (match?.[2] && match[2] !== port) continue;
    if (host === name || host.endsWith(`.${name}`)) return null;
  }
  const proxy = setting(url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY') || setting('ALL_PROXY');
  if (!proxy) return null;
  let address = null;
  try {
    address = new URL(/^[a-z0-9+]+:\/\//i.test(proxy) ? proxy : `http://${proxy}`);
  } catch {
    // Said below.
  }
  if (address?.protocol === 'http:' || address?.protocol === 'https:') return address;
  throw new HttpError(`the proxy variables should hold http://host:port but hold ${JSON.stringify(proxy)}; correct or unset it`, 0);
}

/** How a proxy is spoken to. @param {URL} proxy @returns {{ client: typeof http | typeof https, host: string, port: string }} */
function proxyServer(proxy) {
  const secure = proxy.protocol === 'https:';
  return { client: secure ? https : http, host: proxy.hostname.replace(/^\[|\]$/g, ''), port: proxy.port || (secure ? '443' : '80') };
}

/** @param {URL} proxy @returns {Record<string, string>} */
function proxyAuthorization(proxy) {
  if (!proxy.username) return {};
  const login = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return { 'Proxy-Authorization': `Basic ${Buffer.from(login).toString('base64')}` };
}

/**
 * A TLS connection through a proxy's tunnel.
 * @param {URL} url @param {URL} proxy @param {AbortSignal | undefined} signal
 * @returns {Promise<tls.TLSSocket>}
 */
function tunnel(url, proxy, signal) {
  const target = `${url.hostname}:${url.port || 443}`;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const { client, ...server } = proxyServer(proxy);
  return new Promise((resolve, reject) => {
    const request = client.request({
      ...server,
      method: 'CONNECT',
      path: target,
      headers: { Host: target, ...proxyAuthorization(proxy) },
      agent: false,
      timeout: CONNECT_TIMEOUT_MS,
      signal,
    });
    request.on('timeout', () => request.destroy(new Error(`the proxy ${proxy.host} did not answer within ${CONNECT_TIMEOUT_MS / 1000} s`)));
    request.on('error', reject);
    request.on('connect', (response, socket) => {
      if (response.statusCode !== 200) {
        socket.destroy();
        reject(
          new HttpError(
            `the proxy ${proxy.host} answered ${response.statusCode} ${response.statusMessage} to a tunnel to ${target}`,
            response.statusCode ?? 0,
          ),
        );
        return;
      }
      const secure = tls.connect({ socket, host, ...(net.isIP(host) ? {} : { servername: host }) });
      const stop = () => secure.destroy(new Error('stopped'));
      signal?.addEventListener('abort', stop, { once: true });
      secure.setTimeout(CONNECT_TIMEOUT_MS, () =>
        secure.destroy(new Error(`${target} did not answer within ${CONNECT_TIMEOUT_MS / 1000} s`)),
      );
      secure.on('error', reject);
      secure.once('secureConnect', () => {
        signal?.removeEventListener('abort', stop); // from here on the request minds it
        secure.setTimeout(0);
        resolve(secure);
      });
    });
    request.end();
  });
}

/** @param {URL} proxy @param {URL} url @param {http.RequestOptions} options */
function plainThrough(proxy, url, options) {
  const { client, ...server } = proxyServer(proxy);
  return client.request({
    ...options,
    ...server,
    path: url.href,
    headers: { Host: url.host, ...options.headers, ...proxyAuthorization(proxy) },
  });
}

/**
 * The response to a GET, redirects followed.
 * @param {URL} url @param {Record<string, string>} headers @param {AbortSignal | undefined} signal
 * @returns {Promise<http.IncomingMessage>}
 */
async function get(url, headers, signal) {
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const here = url;
    if (here.protocol !== 'https:' && here.protocol !== 'http:') throw new HttpError(`${here} is neither http nor https`, 0);
    const proxy = proxyFor(here);
    /** @type {http.RequestOptions} */
    const options = {
      method: 'GET',
      headers: { 'User-Agent': 'torchwright', ...headers },
      signal,
      timeout: CONNECT_TIMEOUT_MS,
      agent: false,
    };
    if (proxy && here.protocol === 'https:') {
      const socket = await tunnel(here, proxy, signal);
      delete options.agent; // an agent would make a connection of its own
      options.createConnection = () => socket;
    }
    /** @type {http.IncomingMessage} */
    const response = await new Promise((resolve, reject) => {
      const viaProxy = proxy && here.protocol === 'http:';
      const request = viaProxy ? plainThrough(proxy, here, options) : (here.protocol === 'https:' ? https : http).request(here, options);
      request.on('response', resolve);
      request.on('error', reject);
      request.on('timeout', () => request.destroy(new Error(`${here.host} was silent for ${(request.socket?.timeout ?? 0) / 1000} s`)));
      request.on('response', () => request.setTimeout(IDLE_TIMEOUT_MS));
      request.end();
    });
    const location = response.headers.location;
    if (response.statusCode !== undefined && response.statusCode >= 300 && response.statusCode < 400 && location) {
      response.destroy();
      url = new URL(location, here);
      if (here.protocol === 'https:' && url.protocol === 'http:')
        throw new HttpError(`${here} redirects to ${url}, which is not encrypted`, 0);
      continue;
    }
    return response;
  }
  throw new HttpError(`${url} redirects more than ${MAX_REDIRECTS} times`, 0);
}

/** @param {string} file @returns {Promise<string>} */
async function sha256Of(file) {
  const hash = crypto.createHash('sha256');
  await pipeline(fs.createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

/**
 * Refuses a file whose checksum is not the expected one, and removes it.
 * @param {string} file @param {string | undefined} expected
 */
async function checkSha256(file, expected) {
  if (!expected) return;
  const got = await sha256Of(file);
  if (got === expected.toLowerCase()) return;
  fs.rmSync(file, { force: true });
  const name = path.basename(file).replace(/\.partial$/, '');
  const message = `Expected ${name} with SHA-256 ${expected.toLowerCase()} but what came has ${got}; it was removed, nothing was installed. Try again, and if it stays so, ask who runs the mirror or proxy.`;
  throw Object.assign(new Error(message), { code: 'ERR_CHECKSUM' });
}

/** @param {string} file */
function readNote(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return {};
  }
}

/**
 * Downloads `url` to `file`. What has arrived waits in `file.partial`, so that another try sends only the rest.
 * @param {string} url @param {string} file
 * @param {{ sha256?: string, label?: string, signal?: AbortSignal, retryDelay?: number, output?: import('./progress.cjs').Output }} [options]
 */
async function download(url, file, options = {}) {
  const { label = path.basename(file), signal, retryDelay = 1000 } = options;
  const partial = `${file}.partial`;
  const note = `${file}.partial.json`; // where the part came from: a part of something else must not be continued
  fs.mkdirSync(path.dirname(file), { recursive: true });
  let address;
  try {
    address = new URL(url);
  } catch {
    throw new Error(`Expected an address such as https://host/libtorch.zip but received ${JSON.stringify(url)}.`);
  }
  if (readNote(note).url !== url) fs.rmSync(partial, { force: true });

  let failures = 0;
  for (;;) {
    const have = fs.existsSync(partial) ? fs.statSync(partial).size : 0;
    try {
      await fetchRest(address, url, partial, note, have, label, signal, options.output);
      break;
    } catch (error) {
      if (signal?.aborted || error instanceof HttpError) throw error;
      const now = fs.existsSync(partial) ? fs.statSync(partial).size : 0;
      failures = now > have ? 0 : failures + 1;
      if (failures >= MAX_TRIES_WITHOUT_PROGRESS || (now === 0 && isHopeless(error))) throw error;
      await sleep(retryDelay * (failures + 1), undefined, { signal });
    }
  }
  try {
    await checkSha256(partial, options.sha256);
    fs.renameSync(partial, file);
  } finally {
    fs.rmSync(note, { force: true });
  }
}

/** Trying a name that does not resolve again and again only keeps people waiting. @param {any} error */
function isHopeless(error) {
  return ['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'EACCES', 'ENOSPC'].includes(error.code) || /certificate/i.test(error.message);
}

/**
 * @param {URL} address @param {string} url @param {string} partial @param {string} note @param {number} have
 * @param {string} label @param {AbortSignal | undefined} signal @param {import('./progress.cjs').Output | undefined} output
 */
async function fetchRest(address, url, partial, note, have, label, signal, output) {
  /** @type {Record<string, string>} */
  const headers = {};
  const { validator } = readNote(note);
  if (have > 0) {
    headers.Range = `bytes=${have}-`;
    if (validator) headers['If-Range'] = validator; // a file that changed meanwhile comes whole
  }
  const response = await get(address, headers, signal);
  const status = response.statusCode ?? 0;
  if (status === 416) {
    response.destroy();
    const complete = response.headers['content-range'] === `bytes */${have}`;
    if (complete) return; // stopped between the last byte and the renaming
    // The part is no beginning of that file: begin again.
    fs.rmSync(partial, { force: true });
    throw new Error(`${url} has no byte ${have}`);
  }
  if (status !== 200 && status !== 206) {
    response.destroy();
    const message =
      status === 404 ? `there is no such file (404): ${url}` : `${address.host} answered ${status} ${response.statusMessage} to ${url}`;
    if (status >= 500 || status === 429) throw new Error(message);
    throw new HttpError(message, status);
  }
  const start = status === 206 ? have : 0;
  const range = /^bytes (\d+)-/.exec(response.headers['content-range'] ?? '');
  if (status === 206 && range && Number(range[1]) !== have) {
    response.destroy();
    throw new HttpError(`${address.host} was asked for byte ${have} and on, but sent from ${range[1]}`, status);
  }
  const tag = response.headers.etag;
  fs.writeFileSync(
    note,
    JSON.stringify({ url, validator: (tag && !tag.startsWith('W/') ? tag : response.headers['last-modified']) ?? null }),
  );
  const length = response.headers['content-length'];
  const total = length === undefined ? undefined : start + Number(length);
  const bar = progress(label, { total, start, output });
  let done = start;
  const counter = new Transform({
    transform(chunk, _encoding, next) {
      done += chunk.length;
      bar.at(done);
      next(null, chunk);
    },
  });
  const file = fs.createWriteStream(partial, { flags: start > 0 ? 'a' : 'w' });
  const closed = new Promise((resolve) => file.once('close', () => resolve(null)));
  try {
    await pipeline(response, counter, file, { signal });
  } finally {
    bar.end();
    await closed; // a write that is still under way would land behind what the next try appends
  }
  if (total !== undefined && done !== total) throw new Error(`${address.host} sent ${done} of ${total} bytes`);
}

module.exports = { HttpError, proxyFor, get, download, sha256Of, checkSha256 };
