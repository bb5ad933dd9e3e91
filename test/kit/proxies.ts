import { connect, createServer, type Socket } from "node:net";

/** A small proxy on loopback that notes where it was asked to go. */
export type TestProxy = { port: number; asked: string[]; close(): void };

type Options = { user?: string; password?: string };

/** An HTTP proxy: CONNECT and whole addresses, with Basic sign-in where a user is named. */
export function startHttpProxy({ user, password }: Options = {}): Promise<TestProxy> {
  const wanted =
    user === undefined ? undefined : `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  return listen((client, asked) => {
    client.once("data", (chunk) => {
      const [first = "", ...headers] = chunk.toString("latin1").split("\r\n");
      const [method, target = ""] = first.split(" ");
      const shown = headers
        .find((line) => /^proxy-authorization:/i.test(line))
        ?.slice("proxy-authorization:".length)
        .trim();
      if (shown !== wanted)
        return void client.end("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n");
      const url = new URL(method === "CONNECT" ? `tcp://${target}` : target);
      asked.push(url.host);
      const socket = connect(Number(url.port || 80), "127.0.0.1", () => {
        if (method === "CONNECT") client.write("HTTP/1.1 200 OK\r\n\r\n");
        else
          // One call a connection: what follows on it would go to the same place, wherever it is meant for.
          socket.write(
            chunk
              .toString("latin1")
              .replace(target, url.pathname + url.search)
              .replace(/\r\nconnection: [^\r]*/i, "\r\nconnection: close"),
            "latin1",
          );
        join(client, socket);
      });
      socket.on("error", () => client.destroy());
    });
  });
}

/** A SOCKS5 proxy, with user and password where a user is named. Every name leads to loopback. */
export function startSocksProxy({ user, password }: Options = {}): Promise<TestProxy> {
  return listen((client, asked) => {
    let step: "greeting" | "sign-in" | "request" | "through" = "greeting";
    client.on("data", function onData(chunk: Buffer) {
      if (step === "greeting") {
        const offered = [...chunk.subarray(2, 2 + chunk[1]!)];
        const method = user === undefined ? 0 : 2;
        if (!offered.includes(method)) return void client.end(Buffer.from([5, 0xff]));
        step = user === undefined ? "request" : "sign-in";
        client.write(Buffer.from([5, method]));
      } else if (step === "sign-in") {
        const name = chunk.subarray(2, 2 + chunk[1]!).toString();
        const secret = chunk.subarray(3 + chunk[1]!).toString();
        const isRight = name === user && secret === password;
        step = "request";
        client.write(Buffer.from([1, isRight ? 0 : 1]));
        if (!isRight) client.end();
      } else if (step === "request") {
        step = "through";
        client.off("data", onData);
        const name = chunk.subarray(5, 5 + chunk[4]!).toString();
        const port = chunk.readUInt16BE(5 + chunk[4]!);
        asked.push(`${name}:${port}`);
        const socket = connect(port, "127.0.0.1", () => {
          client.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
          join(client, socket);
        });
        socket.on("error", () => client.end(Buffer.from([5, 5, 0, 1, 0, 0, 0, 0, 0, 0])));
      }
    });
  });
}

function join(one: Socket, other: Socket): void {
  one.pipe(other);
  other.pipe(one);
  one.on("close", () => other.destroy());
  other.on("close", () => one.destroy());
}

function listen(serve: (client: Socket, asked: string[]) => void): Promise<TestProxy> {
  const asked: string[] = [];
  const clients = new Set<Socket>();
  return new Promise((resolve) => {
    const server = createServer((client) => {
      clients.add(client);
      client.on("error", () => client.destroy());
      client.on("close", () => clients.delete(client));
      serve(client, asked);
    });
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string") throw new Error("no port");
      resolve({
        port: address.port,
        asked,
        close() {
          for (const client of clients) client.destroy();
          server.close();
        },
      });
    });
  });
}
