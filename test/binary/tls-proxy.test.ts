import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type Server } from "node:tls";
import { canMakeCertificates, makeCertificate } from "../kit/certificate.ts";
import { chatReply } from "../kit/upstream.ts";
import { executable, folder, serve, setUp } from "./kit.ts";

const PASSWORD = "canary-tls-proxy-0001";
let certificates: string;
let proxy: Server;
let port: number;
const asked: string[] = [];
const open = new Set<Socket>();
if (!canMakeCertificates)
  console.warn("The test of a TLS proxy is left out: there is no openssl to make its certificate.");

beforeAll(async () => {
  await executable();
  if (!canMakeCertificates) return;
  certificates = mkdtempSync(join(tmpdir(), "omniroute-tls-"));
  const certificate = makeCertificate(certificates, ["DNS:localhost", "IP:127.0.0.1"]);
  proxy = createServer(certificate, (client) => {
    open.add(client);
    client.on("error", () => client.destroy());
    client.once("data", (chunk: Buffer) => {
      const [first = "", ...headers] = chunk.toString("latin1").split("\r\n");
      const [method = "", target = ""] = first.split(" ");
      const shown = headers
        .find((line) => /^proxy-authorization:/i.test(line))
        ?.split(" ")
        .at(-1);
      if (shown !== Buffer.from(`me:${PASSWORD}`).toString("base64"))
        return void client.end("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n");
      const url = new URL(method === "CONNECT" ? `tcp://${target}` : target);
      asked.push(url.host);
      const socket = connect(Number(url.port), "127.0.0.1", () => {
        if (method === "CONNECT") client.write("HTTP/1.1 200 OK\r\n\r\n");
        else socket.write(chunk.toString("latin1").replace(target, url.pathname + url.search), "latin1");
        client.pipe(socket);
        socket.pipe(client);
      });
      socket.on("error", () => client.destroy());
    });
  });
  proxy.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const address = proxy.address();
  port = typeof address === "object" && address ? address.port : 0;
}, 180_000);
afterAll(() => {
  for (const socket of open) socket.destroy();
  proxy?.close();
  if (certificates) rmSync(certificates, { recursive: true });
});

test.skipIf(!canMakeCertificates)(
  "calls go through a proxy that speaks TLS, when its certificate is trusted; else they fail, and never pass by it",
  async () => {
    let calls = 0;
    using upstream = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: (request) => {
        if (request.method === "POST") calls++;
        return Response.json(request.method === "POST" ? chatReply("through TLS") : { data: [] });
      },
    });
    for (const trusted of [true, false]) {
      using data = folder();
      const env: { [name: string]: string } = trusted
        ? { NODE_EXTRA_CA_CERTS: join(certificates, "cert.pem") }
        : {};
      await using server = await serve(data.path, { env });
      await setUp(server);
      const headers = {
        authorization: `Bearer ${readFileSync(join(data.path, "cli-token"), "utf8").trim()}`,
        "content-type": "application/json",
      };
      const api = async (method: string, path: string, body: object) =>
        (await fetch(server.url + path, { method, headers, body: JSON.stringify(body) })).status;
      const baseUrl = `http://127.0.0.1:${upstream.port}/v1`;
      const node = { name: "Own", prefix: "own", type: "openai-compatible", baseUrl };
      expect(await api("POST", "/api/provider-nodes", node)).toBe(201);
      expect(await api("POST", "/api/providers", { provider: "own", name: "o", apiKey: "sk-x" })).toBe(201);
      const global = { type: "https", host: "localhost", port, username: "me", password: PASSWORD };
      expect(await api("PUT", "/api/settings/proxy", { global })).toBe(200);
      asked.length = calls = 0;
      const answer = await fetch(`${server.url}/v1/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ model: "own/a", messages: [{ role: "user", content: "hi" }] }),
      });
      const text = await answer.text();
      expect([trusted, answer.status === 200, text.includes("through TLS"), calls, asked.length > 0]).toEqual(
        [trusted, trusted, trusted, trusted ? 1 : 0, trusted],
      );
      expect(text).not.toContain(PASSWORD);
    }
  },
  60_000,
);
