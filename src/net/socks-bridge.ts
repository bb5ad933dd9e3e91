import { connect, createServer, type Server, type Socket } from "node:net";
import { randomToken } from "../lib/ids.ts";

/** A SOCKS5 proxy. */
export type SocksProxy = { host: string; port: number; username?: string; password?: string };

const LONGEST_HEAD = 64 * 1024;
const HANDSHAKE_MS = 10_000;

/**
 * The runtime's fetch knows HTTP proxies only: this is one, on loopback and behind a password of its own, that passes
 * everything on through a SOCKS5 proxy. Names are resolved there.
 */
export class SocksBridge {
  readonly #token = randomToken();
  readonly #open = new Set<Socket>();
  #server: Promise<Server> | undefined;

  constructor(readonly proxy: SocksProxy) {}

  /** Where fetch finds the bridge; starts it where it does not stand yet. */
  async url(): Promise<string> {
    const server = await (this.#server ??= this.#start());
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("The bridge has no port.");
    return `http://bridge:${this.#token}@127.0.0.1:${address.port}`;
  }

  close(): void {
    for (const socket of this.#open) socket.destroy();
    void this.#server?.then((server) => server.close());
  }

  #start(): Promise<Server> {
    return new Promise((resolve, reject) => {
      const server = createServer((client) => this.#serve(client));
      server.once("error", reject);
      server.listen(0, "127.0.0.1", () => resolve(server));
      server.unref();
    });
  }

  #serve(client: Socket): void {
    this.#open.add(client);
    client.on("close", () => this.#open.delete(client));
    client.on("error", () => client.destroy());
    let head = Buffer.alloc(0);
    const onData = (chunk: Buffer) => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) {
        if (head.length > LONGEST_HEAD) client.destroy();
        return;
      }
      client.off("data", onData);
      client.pause();
      const lines = head.toString("latin1", 0, end).split("\r\n");
      this.#forward(client, lines, head.subarray(end + 4)).catch(() => client.destroy());
    };
    client.on("data", onData);
  }

  async #forward(client: Socket, [first = "", ...headers]: string[], rest: Buffer): Promise<void> {
    const expected = `basic ${Buffer.from(`bridge:${this.#token}`).toString("base64")}`.toLowerCase();
    const shown = headers.find((line) => /^proxy-authorization:/i.test(line));
    if (
      shown
        ?.slice(shown.indexOf(":") + 1)
        .trim()
        .toLowerCase() !== expected
    ) {
      client.end("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    const [method = "", target = ""] = first.split(" ");
    const tunnel = method === "CONNECT";
    const url = new URL(tunnel ? `tcp://${target}` : target);
    const place = { host: bareHost(url.hostname), port: Number(url.port || 80) };
    const socket = await openThroughSocks(this.proxy, place, client);
    socket.on("error", () => client.destroy());
    socket.on("close", () => client.destroy());
    if (tunnel) client.write("HTTP/1.1 200 Connection established\r\n\r\n");
    else {
      const kept = headers.filter((line) => !/^(?:proxy-|connection:|keep-alive:)/i.test(line));
      const path = `${url.pathname}${url.search}`;
      socket.write(
        [`${method} ${path} HTTP/1.1`, ...kept, "Connection: close", "", ""].join("\r\n"),
        "latin1",
      );
    }
    if (rest.length > 0) socket.write(rest);
    client.pipe(socket);
    socket.pipe(client);
    client.resume();
  }
}

/**
 * A connection to a place through a SOCKS5 proxy. https://www.rfc-editor.org/rfc/rfc1928
 *
 * The package `socks` (2.8) works in a compiled program too, but cannot sign in without connecting somewhere, which the
 * test of a proxy must: most of what follows would stand here all the same, beside three packages.
 */
async function openThroughSocks(
  proxy: SocksProxy,
  { host, port }: { host: string; port: number },
  client: Socket,
): Promise<Socket> {
  const socket = await connected(proxy);
  client.on("close", () => socket.destroy());
  try {
    if (client.destroyed) throw new Error("Nobody wants the connection any more.");
    await signIn(socket, proxy);
    const name = Buffer.from(host, "utf8");
    if (name.length > 255) throw new Error("The name is too long for SOCKS5.");
    const place = Buffer.from([port >> 8, port & 0xff]);
    socket.write(Buffer.concat([Buffer.from([5, 1, 0, 3, name.length]), name, place]));
    const answer = await take(socket, (bytes) => (bytes.length < 5 ? undefined : replyLength(bytes)));
    if (answer[1] !== 0) throw new Error(`The SOCKS5 proxy refused the connection (code ${answer[1]}).`);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** Greets a SOCKS5 proxy, signs in, and hangs up. Throws when it does not answer as one. */
export async function greetSocks(proxy: SocksProxy): Promise<void> {
  const socket = await connected(proxy);
  try {
    await signIn(socket, proxy);
  } finally {
    socket.destroy();
  }
}

function connected({ host, port }: SocksProxy): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    socket.setTimeout(HANDSHAKE_MS, () => socket.destroy(new Error("The proxy did not answer in time.")));
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(socket);
    });
  });
}

async function signIn(socket: Socket, { username, password }: SocksProxy): Promise<void> {
  const wantsPassword = username !== undefined;
  socket.write(Buffer.from(wantsPassword ? [5, 2, 0, 2] : [5, 1, 0]));
  const [version, method] = await take(socket, () => 2);
  if (version !== 5 || method === 0xff)
    throw new Error("The proxy is no SOCKS5 proxy, or wants another sign-in.");
  if (method === 2) {
    const name = Buffer.from(username ?? "");
    const secret = Buffer.from(password ?? "");
    socket.write(Buffer.concat([Buffer.from([1, name.length]), name, Buffer.from([secret.length]), secret]));
    const [, status] = await take(socket, () => 2);
    if (status !== 0) throw new Error("The SOCKS5 proxy refused user and password.");
  }
  socket.setTimeout(0);
}

/** The length of the proxy's reply by the kind of address it tells. */
function replyLength(bytes: Buffer): number {
  switch (bytes[3]) {
    case 1:
      return 10;
    case 4:
      return 22;
    default:
      return 7 + bytes[4]!;
  }
}

/** Takes as many bytes as `lengthOf` says of what has come so far. The proxy says nothing beyond before it is asked. */
function take(socket: Socket, lengthOf: (bytes: Buffer) => number | undefined): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    const settle = (run: () => void) => {
      socket.off("data", onData);
      socket.off("error", onError);
      socket.off("close", onClose);
      run();
    };
    const onError = (error: Error) => settle(() => reject(error));
    const onClose = () => settle(() => reject(new Error("The proxy closed the connection.")));
    const onData = (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      const length = lengthOf(bytes);
      if (length === undefined || bytes.length < length) return;
      settle(() => {
        socket.pause();
        resolve(bytes.subarray(0, length));
      });
    };
    socket.on("data", onData);
    socket.on("error", onError);
    socket.on("close", onClose);
    socket.resume();
  });
}

const bareHost = (host: string): string => host.replace(/^\[|\]$/g, "");
