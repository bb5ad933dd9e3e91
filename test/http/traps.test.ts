import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect, type Socket } from "node:net";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startServer } from "../../src/server.ts";
import { startGateway, TEST_PASSWORD, type TestGateway } from "../kit/gateway.ts";
import { chatReply, chatStream, startUpstream, type Upstream } from "../kit/upstream.ts";

/**
 * What the runtime does by itself and must not be left to do, one test each, by the number of docs/SECURITY.md.
 * Raw sockets, because HTTP clients are too polite. R4, R5 and the start-up half of R19 need the compiled program:
 * see test/binary. R18 to R21 are the store's: test/store. R17 speaks of code that users write, which runs nowhere
 * here; R23 and R24 need nothing done.
 */
describe("traps of the runtime", () => {
  let gateway: TestGateway;
  let upstream: Upstream;

  beforeAll(async () => {
    upstream = startUpstream(() => ({ type: "json", body: chatReply("hello") }));
    gateway = await startGateway({ streamIdleTimeoutMs: 1000, maxBodyBytes: 5 * 1024 * 1024 });
    gateway.node("up", `${upstream.url}/v1`);
  });
  afterAll(async () => {
    await gateway.stop();
    await upstream.stop();
  });

  const HOSTS = [
    "",
    " ",
    "user@localhost",
    "a/b",
    "a?b",
    "x#",
    "\\",
    "local host",
    "evil.test",
    "localhost.evil.test",
    "a,b",
  ];
  for (const host of HOSTS) {
    test(`R1: the Host ${JSON.stringify(host)} reaches no route, whatever the path looks like`, async () => {
      for (const path of [
        "/api/keys",
        "/v1/api/keys",
        "/xx/api/keys",
        "//api/keys",
        "/v1/models",
        "/dashboard",
      ]) {
        const answer = await raw(gateway.port, `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
        expect(answer.status).toBeGreaterThanOrEqual(400);
        expect(answer.status).toBeLessThan(500);
        expect(answer.text).not.toContain("sk-");
      }
    });
  }

  test("R1: loopback names and addresses are served", async () => {
    for (const host of ["localhost", "127.0.0.1", "[::1]", "app.localhost", `localhost:${gateway.port}`]) {
      const answer = await raw(
        gateway.port,
        `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
      );
      expect([host, answer.status]).toEqual([host, 200]);
    }
  });

  test("R1: an unknown Host is let in with a valid key, and only then", async () => {
    const { key } = gateway.engine.access.createKey({ name: "host" });
    const get = (auth: string) =>
      raw(gateway.port, `GET /v1/models HTTP/1.1\r\nHost: evil.test\r\n${auth}Connection: close\r\n\r\n`);
    expect((await get("")).status).toBe(421);
    expect((await get("Authorization: Bearer sk-omni-wrong\r\n")).status).toBe(421);
    expect((await get(`Authorization: Bearer ${key}\r\n`)).status).toBe(200);
  });

  test("R2: two Host lines are refused", async () => {
    const answer = await raw(
      gateway.port,
      "GET /v1/models HTTP/1.1\r\nHost: localhost\r\nHost: evil.test\r\n\r\n",
    );
    expect(answer.status).toBe(400);
  });

  test.each(["TRACE", "CONNECT", "FOO"])("R2: the method %s reaches no handler", async (method) => {
    const answer = await raw(gateway.port, `${method} /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    // The runtime closes the connection without a word for methods it does not know.
    expect(answer.status === 0 || answer.status >= 400).toBe(true);
  });

  test("R2: an absolute target of another host opens no door", async () => {
    const answer = await raw(
      gateway.port,
      "GET http://evil.test/api/keys HTTP/1.1\r\nHost: localhost\r\n\r\n",
    );
    expect(answer.status).toBe(401);
  });

  test("R3: a fault of our own shows nothing of the code", async () => {
    const { listModels } = { listModels: gateway.engine.models };
    gateway.engine.models = () => {
      throw new Error("secret inside /home/somebody/file.ts");
    };
    const response = await fetch(`${gateway.url}/v1/models`);
    gateway.engine.models = listModels;
    const text = await response.text();
    expect(response.status).toBe(500);
    expect(text).not.toMatch(/secret inside|<html|\.ts/i);
    expect(JSON.parse(text).error.code).toBe("internal_server_error");
  });

  test("R6: a body that stalls is cut off", async () => {
    const other = await startGateway();
    const impatient = startServer(other.engine, { idleSeconds: 2 });
    const head = "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{";
    const answer = await raw(impatient.port, head);
    expect(answer.status === 0 || answer.status >= 400).toBe(true);
    await impatient.close();
    await other.stop();
  });

  test("R7: an answer that takes longer than the server's own limit arrives", async () => {
    upstream.script(() => ({ type: "stream", chunks: chatStream("slow but whole"), gap: 300 }));
    const slow = await startGateway();
    slow.node("up", `${upstream.url}/v1`);
    const response = await fetch(`${slow.url}/v1/chat/completions`, {
      method: "POST",
      body: JSON.stringify({ model: "up/m", stream: true, messages: [{ role: "user", content: "x" }] }),
    });
    expect(await response.text()).toContain("[DONE]");
    await slow.stop();
    upstream.script(() => ({ type: "json", body: chatReply("hello") }));
  });

  test("R8: an early refusal closes the connection instead of swallowing the body", async () => {
    const head =
      "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nAuthorization: Bearer x\r\nOrigin: http://evil.test\r\n\r\n";
    const sent = await flood(gateway.port, head, 64 * 1024 * 1024);
    expect(sent.status).toBe(403);
    expect(sent.bytes).toBeLessThan(32 * 1024 * 1024);
  });

  test("R9: a body that is too large is told in words", async () => {
    const answer = await raw(
      gateway.port,
      "POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 90000000\r\n\r\n",
    );
    expect(answer.status).toBe(413);
    expect(answer.text).toContain('"request_too_large"');
    expect(answer.text.toLowerCase()).toContain("connection: close");
  });

  test("R10: a client that leaves before the head ends the upstream call", async () => {
    upstream.seen.length = 0;
    upstream.script(() => ({ type: "stall" }));
    const leaving = new AbortController();
    const call = fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      body: JSON.stringify({ model: "up/m", messages: [{ role: "user", content: "x" }] }),
      signal: leaving.signal,
    }).catch(() => "left");
    while (upstream.seen.length === 0) await Bun.sleep(5);
    leaving.abort();
    await upstream.seen[0]?.aborted;
    expect(await call).toBe("left");
    upstream.script(() => ({ type: "json", body: chatReply("hello") }));
  });

  test("R11: redirects are not followed and take no key along", async () => {
    const trap = startUpstream(() => ({ type: "json", body: {} }));
    upstream.script(() => ({
      type: "text",
      status: 307,
      body: "",
      headers: { location: `${trap.url}/steal` },
    }));
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      body: JSON.stringify({ model: "up/m", messages: [{ role: "user", content: "x" }] }),
      redirect: "manual",
    });
    expect(response.status).toBe(502);
    expect(response.headers.get("location")).toBeNull();
    expect(trap.seen).toHaveLength(0);
    await trap.stop();
    gateway.engine.health.resetAll();
    upstream.script(() => ({ type: "json", body: chatReply("hello") }));
  });

  test("R12: a proxy in the environment is not taken up by accident", async () => {
    const proxy = startUpstream(() => ({ type: "json", body: {} }));
    process.env["HTTP_PROXY"] = process.env["http_proxy"] = proxy.url;
    try {
      const body = JSON.stringify({ model: "up/m", messages: [{ role: "user", content: "x" }] });
      const head = `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n`;
      expect((await raw(gateway.port, head + body)).status).toBe(200);
      expect(proxy.seen).toHaveLength(0);
    } finally {
      delete process.env["HTTP_PROXY"];
      delete process.env["http_proxy"];
      await proxy.stop();
    }
  });

  const FORBIDDEN = [
    "http://169.254.169.254/latest",
    "http://2852039166/",
    "http://0xa9fea9fe/",
    "http://0251.0376.0251.0376/",
    "http://[::ffff:169.254.169.254]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[fe80::1]/",
    "http://0.0.0.0/",
    "http://[::]/",
    "http://224.0.0.1/",
    "http://user:pass@example.com/",
    "ftp://example.com/",
    "file:///etc/passwd",
    "javascript:alert(1)",
  ];
  test.each(FORBIDDEN)("R13, R14: %s is refused as a base URL", async (baseUrl) => {
    const session = await signIn(gateway);
    const response = await fetch(`${gateway.url}/api/provider-nodes`, {
      method: "POST",
      headers: { cookie: session, "content-type": "application/json" },
      body: JSON.stringify({ name: "x", prefix: "x", type: "openai-compatible", baseUrl }),
    });
    expect(response.status).toBe(400);
  });

  test("R13: our own port is refused at the latest when it is dialled", async () => {
    const session = await signIn(gateway);
    const response = await fetch(`${gateway.url}/api/provider-nodes`, {
      method: "POST",
      headers: { cookie: session, "content-type": "application/json" },
      body: JSON.stringify({
        name: "loop",
        prefix: "loop",
        type: "openai-compatible",
        baseUrl: `http://localhost:${gateway.port}/v1`,
      }),
    });
    if (response.status === 400) return;
    gateway.engine.manage.connections.create(
      { provider: (await response.json()).node.id, name: "loop", apiKey: "k" },
      { name: "test" },
    );
    const call = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      body: JSON.stringify({ model: "loop/mock/echo", messages: [{ role: "user", content: "x" }] }),
    });
    expect(call.status).toBeGreaterThanOrEqual(400);
  });

  test("R15: nothing a user writes becomes code", () => {
    const rooms = [...new Bun.Glob("{src,web}/**/*.ts").scanSync(join(import.meta.dir, "../.."))];
    const guilty = rooms.filter((file) =>
      /node:vm|new Function\(|\beval\(/.test(readFileSync(join(import.meta.dir, "../..", file), "utf8")),
    );
    expect(guilty).toEqual([]);
  });

  test("R16: a hostile model name and pattern are compared without going back", async () => {
    const { saveAlias } = await import("../../src/store/index.ts");
    saveAlias(gateway.engine.store, { pattern: `${"a*".repeat(20)}b`, target: "mock/echo", createdAt: 1 });
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      body: JSON.stringify({ model: "a".repeat(250), messages: [{ role: "user", content: "x" }] }),
    });
    expect(response.status).toBe(404);
  });

  test("R22: many wrong passwords at once neither pass nor starve others", async () => {
    const fresh = await startGateway();
    const wrong = Array.from({ length: 40 }, () =>
      fetch(`${fresh.url}/api/auth/login`, {
        method: "POST",
        body: JSON.stringify({ password: "not it at all" }),
      }),
    );
    const health = await fetch(`${fresh.url}/healthz`);
    expect(health.status).toBe(200);
    const statuses = (await Promise.all(wrong)).map((response) => response.status);
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(30);
    expect(statuses.every((status) => status === 401 || status === 429)).toBe(true);
    await fresh.stop();
  });

  test("R25: an event cut at eight megabytes costs no pile of strings, and ends with an error", async () => {
    const piece = "x".repeat(64 * 1024);
    const chunks = ["data: ", ...Array<string>(140).fill(piece)];
    upstream.script(() => ({ type: "stream", chunks, then: "silence" }));
    const before = process.memoryUsage.rss();
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      body: JSON.stringify({ model: "up/m", stream: true, messages: [{ role: "user", content: "x" }] }),
    });
    expect(response.status).toBe(502);
    expect(process.memoryUsage.rss() - before).toBeLessThan(200 * 1024 * 1024);
    gateway.engine.health.resetAll();
  });
});

async function signIn(gateway: TestGateway): Promise<string> {
  const response = await fetch(`${gateway.url}/api/auth/login`, {
    method: "POST",
    body: JSON.stringify({ password: TEST_PASSWORD }),
  });
  return response.headers.get("set-cookie")?.split(";")[0] ?? "";
}

/** Sends bytes as they are and reads until the server closes or a whole answer has come. */
function raw(port: number, bytes: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve) => {
    let text = "";
    const socket: Socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    const finish = () => {
      socket.destroy();
      resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0), text });
    };
    socket.on("data", (data) => {
      text += data.toString();
      const [head, body = ""] = text.split("\r\n\r\n");
      const length = /content-length: (\d+)/i.exec(head ?? "")?.[1];
      if (length !== undefined && body.length >= Number(length)) finish();
    });
    socket.on("close", finish);
    socket.on("error", finish);
  });
}

/** Sends chunks until the server has had enough; says how much went out. */
function flood(port: number, head: string, most: number): Promise<{ status: number; bytes: number }> {
  return new Promise((resolve) => {
    let bytes = 0;
    let text = "";
    const chunk = Buffer.concat([Buffer.from("10000\r\n"), Buffer.alloc(65_536, 120), Buffer.from("\r\n")]);
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(head);
      more();
    });
    const more = () => {
      while (bytes < most && !socket.destroyed) {
        bytes += chunk.length;
        if (!socket.write(chunk)) {
          socket.once("drain", more);
          return;
        }
      }
      if (bytes >= most) socket.destroy();
    };
    socket.on("data", (data) => (text += data.toString()));
    socket.on("error", () => {});
    socket.on("close", () => resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0), bytes }));
  });
}
