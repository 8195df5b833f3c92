import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetchFiles } from '../../lib/data/fetch';

const content = Buffer.from('0123456789'.repeat(1000));
const file = { name: 'a.gz', sha256: createHash('sha256').update(content).digest('hex') };

let server: Server;
let requests: string[];
let folder: string;
let base: string;
const environment = { ...process.env };

beforeAll((done) => {
  for (const name of ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy']) delete process.env[name];
  server = createServer((request, response) => {
    requests.push(request.url ?? '');
    if (request.url?.startsWith('/good/')) response.end(content);
    else if (request.url?.startsWith('/other/')) response.end('something else');
    else response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1', () => {
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    done();
  });
});
afterAll((done) => {
  process.env = environment;
  server.close(done);
});
beforeEach(() => {
  requests = [];
  folder = mkdtempSync(join(tmpdir(), 'fetch-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('downloads what is missing, once, also when two ask at the same time', async () => {
  await Promise.all([fetchFiles(folder, [file], [`${base}/good`]), fetchFiles(folder, [file], [`${base}/good`])]);
  await fetchFiles(folder, [file], [`${base}/good`]);
  expect(readFileSync(join(folder, 'a.gz'))).toEqual(content);
  expect(requests).toEqual(['/good/a.gz']);
  expect(readdirSync(folder)).toEqual(['a.gz']);
});

test('tries one mirror after the other, and does not go back to one that failed', async () => {
  const second = { ...file, name: 'b.gz' };
  await fetchFiles(folder, [file, second], [`${base}/missing`, `${base}/other`, `${base}/good`]);
  expect(requests).toEqual(['/missing/a.gz', '/other/a.gz', '/good/a.gz', '/good/b.gz']);
  expect(readFileSync(join(folder, 'b.gz'))).toEqual(content);
});

test('keeps nothing that has another checksum, and tells what each mirror answered', async () => {
  const attempt = fetchFiles(folder, [file], [`${base}/missing`, `${base}/other`]);
  await expect(attempt).rejects.toThrow(/^Expected to download a\.gz but\n {2}- .*missing.*404.*\n {2}- .*other.*SHA-256/);
  expect(existsSync(join(folder, 'a.gz'))).toBe(false);
  expect(readdirSync(folder).filter((name) => !name.endsWith('.json'))).toEqual([]);
});

test('can be given up', async () => {
  await expect(fetchFiles(folder, [file], [`${base}/good`], AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  expect(requests).toEqual([]);
});
