import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { download, proxyFor } from '../../lib/libtorch/http.cjs';
import { collector, environment, isolated, rejection, temporaryFolder } from './support/fake';
import { bytes, proxy, type Server, sendFile, serve, sha256 } from './support/server';

const folder = temporaryFolder();
environment(() => isolated(folder()));

const body = bytes(300_000);
const file = () => path.join(folder(), 'download', 'file.zip');
const partial = () => `${file()}.partial`;
const quick = () => ({ retryDelay: 1, output: collector() });

let server: Server | undefined;
let through: Server | undefined;
afterEach(async () => {
  await server?.close();
  await through?.close();
  server = through = undefined;
});

test('a file arrives whole, with its checksum, and leaves nothing beside it', async () => {
  server = await serve((request, response) => sendFile(request, response, body));
  await download(`${server.url}/file.zip`, file(), { ...quick(), sha256: sha256(body).toUpperCase() });
  expect(fs.readFileSync(file()).equals(body)).toBe(true);
  expect(fs.readdirSync(path.dirname(file()))).toEqual(['file.zip']);
});

describe('an interrupted download', () => {
  test('goes on with the rest by itself', async () => {
    const cuts = [100_000, 250_000];
    server = await serve((request, response) => sendFile(request, response, body, { cutAt: cuts.shift() }));
    await download(`${server.url}/file.zip`, file(), { ...quick(), sha256: sha256(body) });
    expect(fs.readFileSync(file()).equals(body)).toBe(true);
    // On a busy machine the last bytes before a cut may not have come through.
    const [first, second, third] = server.seen.map(({ headers }) => Number(/^bytes=(\d+)-$/.exec(headers.range ?? 'bytes=0-')?.[1]));
    expect([first, server.seen.length]).toEqual([0, 3]);
    expect(second).toBeGreaterThan(0);
    expect(second).toBeLessThanOrEqual(100_000);
    expect(third).toBeGreaterThan(second as number);
    expect(third).toBeLessThanOrEqual(250_000);
    expect(server.seen[1].headers['if-range']).toBe('"one"');
  });

  test('goes on in a later run', async () => {
    const stop = new AbortController();
    server = await serve((_request, response) => {
      // The beginning, and then silence.
      response.writeHead(200, { ETag: '"one"', 'Content-Length': body.length }).write(body.subarray(0, 100_000));
    });
    const stopped = rejection(download(`${server.url}/file.zip`, file(), { ...quick(), signal: stop.signal }));
    while (!fs.existsSync(partial()) || fs.statSync(partial()).size < 100_000) await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort();
    expect((await stopped).name).toBe('AbortError');
    await server.close();
    expect(fs.existsSync(file())).toBe(false);
    const have = fs.statSync(partial()).size;
    expect(have).toBe(100_000);

    // Another port is another address, so the note is made to fit.
    server = await serve((request, response) => sendFile(request, response, body));
    fs.writeFileSync(`${partial()}.json`, JSON.stringify({ url: `${server.url}/file.zip`, validator: '"one"' }));
    await download(`${server.url}/file.zip`, file(), { ...quick(), sha256: sha256(body) });
    expect(server.seen.map(({ headers }) => headers.range)).toEqual([`bytes=${have}-`]);
    expect(fs.readFileSync(file()).equals(body)).toBe(true);
  });

  const leftover = (url: string, data: Buffer, validator: string | null) => {
    fs.mkdirSync(path.dirname(file()), { recursive: true });
    fs.writeFileSync(partial(), data);
    fs.writeFileSync(`${partial()}.json`, JSON.stringify({ url, validator }));
  };

  test('begins anew when the file has changed meanwhile', async () => {
    server = await serve((request, response) => sendFile(request, response, body, { etag: '"two"' }));
    leftover(`${server.url}/file.zip`, Buffer.from('the beginning of the old file'), '"one"');
    await download(`${server.url}/file.zip`, file(), { ...quick(), sha256: sha256(body) });
    expect(fs.readFileSync(file()).equals(body)).toBe(true);
  });

  test('begins anew when the part is of another address', async () => {
    server = await serve((request, response) => sendFile(request, response, body));
    leftover(`${server.url}/other.zip`, Buffer.from('something else'), '"one"');
    await download(`${server.url}/file.zip`, file(), { ...quick(), sha256: sha256(body) });
    expect(server.seen[0].headers.range).toBeUndefined();
  });

  test('that lacks nothing but its renaming is finished without sending it again', async () => {
    server = await serve((request, response) => sendFile(request, response, body));
    leftover(`${server.url}/file.zip`, body, '"one"');
    await download(`${server.url}/file.zip`, file(), { ...quick(), sha256: sha256(body) });
    expect(server.seen).toHaveLength(1);
    expect(fs.readFileSync(file()).equals(body)).toBe(true);
  });

  test('that is longer than the file begins anew', async () => {
    server = await serve((request, response) => sendFile(request, response, body));
    leftover(`${server.url}/file.zip`, bytes(300_001), '"one"');
    await download(`${server.url}/file.zip`, file(), { ...quick(), sha256: sha256(body) });
    expect(fs.readFileSync(file()).equals(body)).toBe(true);
  });

  test('is given up after some tries that bring nothing', async () => {
    server = await serve((_request, response) => response.destroy());
    await rejection(download(`${server.url}/file.zip`, file(), quick()));
    expect(server.seen).toHaveLength(4);
  });
});

test('a server that knows no ranges sends the whole, which replaces the part', async () => {
  let first = true;
  server = await serve((_request, response) => {
    response.writeHead(200, { 'Content-Length': body.length });
    if (first) response.write(body.subarray(0, 1000), () => setTimeout(() => response.destroy(), 400));
    else response.end(body);
    first = false;
  });
  await download(`${server.url}/file.zip`, file(), { ...quick(), sha256: sha256(body) });
  expect(fs.readFileSync(file()).equals(body)).toBe(true);
});

test('a wrong checksum is told with both sums, and the file is gone', async () => {
  server = await serve((request, response) => sendFile(request, response, body));
  const error = await rejection(download(`${server.url}/file.zip`, file(), { ...quick(), sha256: '0'.repeat(64) }));
  expect(error.message).toMatch(new RegExp(`^Expected file\\.zip with SHA-256 0{64} but what came has ${sha256(body)}; it was removed`));
  expect(error.code).toBe('ERR_CHECKSUM');
  expect([file(), partial()].filter((name) => fs.existsSync(name))).toEqual([]);
});

test('404 is told at once, 503 is tried again', async () => {
  server = await serve((_request, response) => response.writeHead(404).end());
  const missing = await rejection(download(`${server.url}/file.zip`, file(), quick()));
  expect(missing.message).toBe(`there is no such file (404): ${server.url}/file.zip`);
  expect(server.seen).toHaveLength(1);
  await server.close();

  let busy = 2;
  server = await serve((request, response) => (busy-- > 0 ? response.writeHead(503).end() : sendFile(request, response, body)));
  await download(`${server.url}/file.zip`, file(), quick());
  expect(server.seen).toHaveLength(3);
});

test('a refused connection is not tried again and again', async () => {
  server = await serve(() => {});
  const { url } = server;
  await server.close();
  expect((await rejection(download(`${url}/file.zip`, file(), { ...quick(), retryDelay: 60_000 }))).code).toBe('ECONNREFUSED');
});

test('redirects are followed, relative ones too, but not for ever', async () => {
  server = await serve((request, response) => {
    if (request.url === '/file.zip') response.writeHead(302, { Location: '/moved/file.zip' }).end();
    else if (request.url === '/moved/file.zip') response.writeHead(307, { Location: `${server?.url}/here` }).end();
    else if (request.url === '/loop') response.writeHead(301, { Location: '/loop' }).end();
    else sendFile(request, response, body);
  });
  await download(`${server.url}/file.zip`, file(), { ...quick(), sha256: sha256(body) });
  expect(server.seen.map(({ url }) => url)).toEqual(['/file.zip', '/moved/file.zip', '/here']);
  expect((await rejection(download(`${server.url}/loop`, file(), quick()))).message).toBe(
    `${server.url}/loop redirects more than 10 times`,
  );
});

test('an address that is none is called so', async () => {
  expect((await rejection(download('libtorch.zip', file(), quick()))).message).toBe(
    'Expected an address such as https://host/libtorch.zip but received "libtorch.zip".',
  );
  expect((await rejection(download('ftp://host/libtorch.zip', file(), quick()))).message).toContain('neither http nor https');
});

test('progress goes to a terminal as a bar, elsewhere as lines', async () => {
  server = await serve((request, response) => sendFile(request, response, body));
  const terminal = collector(true);
  await download(`${server.url}/file.zip`, file(), { retryDelay: 1, output: terminal, label: 'Downloading it' });
  expect(terminal.text).toMatch(/\r.*Downloading it \[#{24}\] 300 kB of 300 kB.*\n$/s);
  const lines = collector();
  await download(`${server.url}/file.zip`, file(), { retryDelay: 1, output: lines, label: 'Downloading it' });
  expect(lines.text).toMatch(/^Downloading it: 300 kB of 300 kB, .*\/s\n$/);
});

describe('the proxy variables', () => {
  const at = (address: string, env: Record<string, string>) => proxyFor(new URL(address), env)?.host ?? null;

  test('the one of the protocol, either case, else ALL_PROXY', () => {
    expect(at('http://host/', { HTTP_PROXY: 'http://p:1' })).toBe('p:1');
    expect(at('https://host/', { HTTP_PROXY: 'http://p:1' })).toBeNull();
    expect(at('https://host/', { https_proxy: 'p:2' })).toBe('p:2');
    expect(at('https://host/', { ALL_PROXY: 'http://p:3' })).toBe('p:3');
    expect(at('https://host/', { ALL_PROXY: 'http://p:3', HTTPS_PROXY: 'http://p:4' })).toBe('p:4');
  });

  test.each([
    ['*', 'http://any/', false],
    ['host', 'http://host/', false],
    ['host', 'http://sub.host/', false],
    ['.host', 'http://sub.host/', false],
    ['*.host', 'http://sub.host/', false],
    ['host', 'http://ghost/', true],
    ['other, host:8080', 'http://host:8080/', false],
    ['host:8080', 'http://host/', true],
    ['127.0.0.1', 'http://127.0.0.1:99/', false],
  ])('NO_PROXY=%s and %s: through the proxy %s', (list, address, through) => {
    expect(at(address, { HTTP_PROXY: 'http://p:1', NO_PROXY: list }) !== null).toBe(through);
  });

  test('what is no http proxy is called so', () => {
    expect(() => at('http://host/', { ALL_PROXY: 'socks5://p:1' })).toThrow('should hold http://host:port but hold "socks5://p:1"');
    expect(() => at('http://host/', { HTTP_PROXY: 'http://p:port' })).toThrow('should hold http://host:port');
  });

  test('a plain download goes through it, with its login', async () => {
    server = await serve((request, response) => sendFile(request, response, body));
    through = await proxy();
    process.env.HTTP_PROXY = through.url.replace('//', '//user:p%40ss@');
    await download(`${server.url}/file.zip`, file(), { ...quick(), sha256: sha256(body) });
    expect(through.seen.map(({ url }) => url)).toEqual([`${server.url}/file.zip`]);
    expect(through.seen[0].headers['proxy-authorization']).toBe(`Basic ${Buffer.from('user:p@ss').toString('base64')}`);
  });

  test('a tunnel that the proxy refuses is told', async () => {
    through = await proxy({ refuse: 407 });
    process.env.HTTPS_PROXY = through.url;
    const error = await rejection(download('https://127.0.0.1:9/file.zip', file(), quick()));
    expect(error.message).toBe(`the proxy ${new URL(through.url).host} answered 407 Refused to a tunnel to 127.0.0.1:9`);
    expect(through.seen[0].url).toBe('CONNECT 127.0.0.1:9');
  });

  test('an encrypted download goes through a tunnel', async () => {
    const [key, cert] = ['key.pem', 'cert.pem'].map((name) => path.join(folder(), name));
    const request = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=localhost',
    ];
    try {
      execFileSync('openssl', [...request, '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert], { stdio: 'ignore' });
    } catch {
      console.warn('Skipped: the certificate of the local server is made with openssl, which is not here.');
      return;
    }
    const secure = https.createServer({ key: fs.readFileSync(key), cert: fs.readFileSync(cert) }, (incoming, response) =>
      sendFile(incoming, response, body),
    );
    await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
    const url = `https://localhost:${(secure.address() as AddressInfo).port}/file.zip`;
    through = await proxy();
    // A process of its own: which certificates are trusted is read once, at its start.
    const script = `require(${JSON.stringify(require.resolve('../../lib/libtorch/http.cjs'))}).download(...process.argv.slice(1))`;
    const child = spawn(process.execPath, ['-e', script, url, file()], {
      env: { ...process.env, HTTPS_PROXY: through.url, NODE_EXTRA_CA_CERTS: cert },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let errors = '';
    child.stderr.on('data', (text) => (errors += text));
    const code = await new Promise((resolve) => child.on('close', resolve));
    secure.close();
    expect([code, code === 0 ? '' : errors]).toEqual([0, '']);
    expect(through.seen.map((seen) => seen.url)).toEqual([`CONNECT ${new URL(url).host}`]);
    expect(fs.readFileSync(file()).equals(body)).toBe(true);
  });
});
