import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { startServer } from "../../src/server.ts";
import { startGateway, TEST_PASSWORD, type TestGateway } from "../kit/gateway.ts";
import { hostileBytes, SMUGGLED_ID } from "../kit/hostile-wire.ts";
import { rawHttp } from "../kit/raw-http.ts";
import { chatReply, startUpstream, type Upstream } from "../kit/upstream.ts";

let gateway: TestGateway;
let upstream: Upstream;
beforeAll(async () => {
  upstream = startUpstream(() => ({ type: "json", body: chatReply("hello") }));
  gateway = await startGateway();
  gateway.node("up", `${upstream.url}/v1`);
});
afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});

const POST = "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n";
const GET = "GET /v1/models HTTP/1.1\r\nHost: localhost\r\n";

describe("N-01: malformed heads and framings", () => {
  test.each(hostileBytes("localhost"))(
    "$name: refused or cut, at most one answer, and nothing reaches a provider",
    async ({ bytes, proper }) => {
      upstream.seen.length = 0;
      const { status, answers, text } = await rawHttp(gateway.port, Buffer.from(bytes, "latin1"));
      if (!proper) expect(status === 0 || status >= 400).toBe(true);
      expect(answers).toBeLessThanOrEqual(1);
      expect(text).not.toContain(SMUGGLED_ID);
      expect(text).not.toMatch(/<html|\/src\/|at .*\.ts/i);
      expect(upstream.seen).toEqual([]);
      expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
    },
  );
});

test("N-17: ten requests in one breath get ten answers, in order", async () => {
  const asked = Array.from({ length: 10 }, (_, index) => `req-${index}`);
  const bytes = asked.map(
    (id, index) => `${GET}X-Request-Id: ${id}\r\n${index === 9 ? "Connection: close\r\n" : ""}\r\n`,
  );
  const { text, answers } = await rawHttp(gateway.port, bytes.join(""));
  expect(answers).toBe(10);
  expect([...text.matchAll(/^x-request-id: (\S+)/gim)].map(([, id]) => id)).toEqual(asked);
});

test("N-18: escaped line breaks make no header", async () => {
  for (const path of [
    "/v1/models/%0d%0aX-Evil:%201",
    "/dashboard/%0d%0aX-Evil:%201",
    "/v1/models?a=%0d%0aX-Evil:%201",
    "/login?next=%0d%0aX-Evil:%201",
    "/callback?state=%0d%0aX-Evil:%201",
  ]) {
    const response = await fetch(gateway.url + path, { redirect: "manual" });
    expect(response.headers.get("x-evil")).toBeNull();
    expect(response.status).toBeLessThan(500);
  }
});

test("N-19: an odd request id is not given back, but replaced", async () => {
  for (const id of ["<script>alert(1)</script>", "x".repeat(3000), "a b", "é"]) {
    const response = await fetch(`${gateway.url}/v1/models`, {
      headers: { "x-request-id": encodeURI(id).slice(0, 3000) },
    });
    expect(response.headers.get("x-request-id")).toMatch(/^[A-Za-z0-9_.:-]{1,128}$/);
  }
});

describe("slow and broken clients", () => {
  test("R-01, R-02: silence, half a head, a head line by line and a body that stalls are closed; a steady body is not", async () => {
    const server = startServer(gateway.engine, { idleSeconds: 10 });
    const drip = (bytes: readonly string[], everyMs: number) =>
      new Promise<string>((resolve) => {
        let text = "";
        let next = 0;
        const socket = connect(server.port, "127.0.0.1", () => write());
        const write = () => {
          if (next < bytes.length && !socket.destroyed) socket.write(bytes[next++]!);
          if (next < bytes.length) setTimeout(write, everyMs).unref();
        };
        socket.on("data", (data) => void (text += data.toString()));
        socket.on("error", () => {});
        socket.on("close", () => resolve(text));
      });
    const body = JSON.stringify({
      model: "mock/echo",
      messages: [{ role: "user", content: "x".repeat(1_500_000) }],
    });
    const head = `${POST}Connection: close\r\nContent-Length: ${body.length}\r\n\r\n`;
    const steady = Array.from({ length: 10 }, (_, index) =>
      body.slice(index * 160_000, (index + 1) * 160_000),
    );
    const [silent, half, , stalled, whole] = await Promise.all([
      drip([], 0),
      drip(["GET /v1/mod"], 0),
      drip(["GET /healthz HTTP/1.1\r\n", ...Array<string>(30).fill("X-A: 1\r\n")], 4000),
      drip([head, "{"], 0),
      drip([head, ...steady], 1300),
    ]);
    expect(silent + half).not.toContain("200 OK");
    expect(stalled).not.toContain("200 OK");
    expect(whole).toContain("200 OK");
    await server.close();
  }, 60_000);

  test("R-03, R-05: 300 half-open connections and 200 resets leave room for everybody else", async () => {
    const open = Array.from({ length: 300 }, () => {
      const socket = connect(gateway.port, "127.0.0.1", () => socket.write("GET /v1/mod"));
      socket.on("error", () => {});
      return socket;
    });
    expect((await fetch(`${gateway.url}/v1/models`)).status).toBe(200);
    for (const socket of open.slice(0, 200)) socket.resetAndDestroy();
    expect((await fetch(`${gateway.url}/v1/models`)).status).toBe(200);
    for (const socket of open) socket.destroy();
  });

  test("R-04: a client that closes its side after asking is answered or closed, but not kept", async () => {
    const { closed } = await rawHttp(gateway.port, `${GET}\r\n`, { halfClose: true });
    expect(closed).toBe(true);
  });
});

describe("hosts and forwarded words", () => {
  const as = (host: string, path: string, more = "") =>
    rawHttp(gateway.port, `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${more}Connection: close\r\n\r\n`);

  test("H-01: malformed hosts reach nothing, whatever the path looks like", async () => {
    for (const host of [
      "",
      " ",
      "user@localhost",
      "a/b",
      "a?b",
      "x#",
      "\\",
      "local host",
      "[::1",
      "a,b",
      "localhost:99999",
    ])
      for (const path of [
        "/api/db-backups/export",
        "/v1/api/db-backups/export",
        "//api/db-backups/export",
        "/xx/api/keys",
      ]) {
        const { status, text } = await as(host, path);
        expect([host, path, status >= 400 && status < 500]).toEqual([host, path, true]);
        expect(text).not.toContain("SQLite format");
      }
  }, 60_000);

  test("H-03: a valid cookie opens nothing under a foreign name", async () => {
    const { token } = await gateway.engine.access.login(TEST_PASSWORD, "127.0.0.1");
    const cookie = `Cookie: auth_token=${token}\r\n`;
    for (const host of ["evil.test", "localhost.evil.test", "127.0.0.1.evil.test", "evil.test:80"])
      for (const path of ["/api/keys", "/dashboard", "/v1/models"])
        expect([host, path, (await as(host, path, cookie)).status]).toEqual([host, path, 421]);
    for (const host of ["localhost", "127.0.0.1", "app.localhost", "[::1]"])
      expect([host, (await as(host, "/api/keys", cookie)).status]).toEqual([host, 200]);
  });

  test("H-04: the host of BASE_URL is served, its neighbours are not", async () => {
    const other = await startGateway({ baseUrl: "https://gw.example" });
    const ask = (host: string) =>
      rawHttp(other.port, `GET /v1/models HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    expect((await ask("gw.example")).status).toBe(200);
    expect((await ask("gw.example.evil.test")).status).toBe(421);
    expect((await ask("other.example")).status).toBe(421);
    await other.stop();
  });

  const CLAIMS = [
    ["x-forwarded-host", "localhost"],
    ["x-forwarded-for", "127.0.0.1"],
    ["x-forwarded-proto", "https"],
    ["forwarded", "for=127.0.0.1;host=localhost"],
    ["x-real-ip", "127.0.0.1"],
    ["x-original-url", "/api/auth/status"],
    ["x-rewrite-url", "/api/auth/status"],
    ["x-http-method-override", "GET"],
    ["x-middleware-subrequest", "middleware"],
    ["x-forwarded-user", "admin"],
    ["x-remote-user", "admin"],
    ["x-forwarded-prefix", "/api/auth"],
  ] as const;
  test.each(CLAIMS)("H-05: %s: %s opens no door", async (name, value) => {
    for (const path of ["/api/keys", "/api/db-backups/export", "/api/settings"]) {
      const { status } = await fetch(gateway.url + path, { headers: { [name]: value } });
      expect([path, status]).toEqual([path, 401]);
    }
  });

  test("H-06: behind a trusted proxy the right-most address that is not a proxy counts", async () => {
    const other = await startGateway({ trustedProxies: ["127.0.0.1", "10.0.0.0/8"] });
    for (let index = 0; index < 6; index++)
      await fetch(`${other.url}/api/auth/login`, {
        method: "POST",
        headers: { "x-forwarded-for": `203.0.113.${index}, 198.51.100.7, 10.1.1.1` },
        body: JSON.stringify({ password: "wrong" }),
      });
    expect(other.engine.access.listLocks().map(({ peer }) => peer)).toEqual(["198.51.100.7"]);
    await other.stop();
  });
});
