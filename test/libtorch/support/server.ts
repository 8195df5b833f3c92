// Local servers for the download tests: one that serves files as a good or a bad host does, and a proxy.
import { createCipheriv, createHash } from 'node:crypto';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';

export interface Seen {
  url: string;
  headers: http.IncomingHttpHeaders;
}

export interface Server {
  url: string;
  /** What was asked, in order. */
  seen: Seen[];
  close(): Promise<void>;
}

type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => void;

async function listen(server: http.Server): Promise<{ port: number; close(): Promise<void> }> {
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

export async function serve(handler: Handler): Promise<Server> {
  const seen: Seen[] = [];
  const server = http.createServer((request, response) => {
    seen.push({ url: request.url ?? '', headers: request.headers });
    handler(request, response);
  });
  const { port, close } = await listen(server);
  return { url: `http://127.0.0.1:${port}`, seen, close };
}

/** Sends a file as a host that knows ranges does. `cutAt`: the connection breaks before that byte of the file. */
export function sendFile(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  body: Buffer,
  { etag = '"one"', cutAt = Number.POSITIVE_INFINITY }: { etag?: string; cutAt?: number } = {},
): void {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? Number.NaN);
  const fits = request.headers['if-range'] === undefined || request.headers['if-range'] === etag;
  const partial = !Number.isNaN(from) && fits;
  if (partial && from >= body.length) {
    response.writeHead(416, { 'Content-Range': `bytes */${body.length}` }).end();
    return;
  }
  const start = partial ? from : 0;
  response.writeHead(partial ? 206 : 200, {
    ETag: etag,
    'Content-Length': body.length - start,
    ...(partial ? { 'Content-Range': `bytes ${start}-${body.length - 1}/${body.length}` } : {}),
  });
  if (cutAt >= body.length) response.end(body.subarray(start));
  else response.write(body.subarray(start, Math.max(start, cutAt)), () => setTimeout(() => response.destroy(), 400));
}

/** A proxy for plain requests and for tunnels. */
export async function proxy(options: { refuse?: number } = {}): Promise<Server> {
  const seen: Seen[] = [];
  const server = http.createServer((request, response) => {
    seen.push({ url: request.url ?? '', headers: request.headers });
    const onward = http.request(request.url ?? '', { headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.writeHead(502).end());
    request.pipe(onward);
  });
  server.on('connect', (request, socket) => {
    seen.push({ url: `CONNECT ${request.url}`, headers: request.headers });
    if (options.refuse) {
      socket.end(`HTTP/1.1 ${options.refuse} Refused\r\n\r\n`);
      return;
    }
    const [host, port] = (request.url ?? '').split(':');
    const onward = net.connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connected\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  const { port, close } = await listen(server);
  return { url: `http://127.0.0.1:${port}`, seen, close };
}

export function sha256(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

/** Bytes that no packing makes smaller, the same at every run. */
export function bytes(length: number): Buffer {
  return createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(length));
}
