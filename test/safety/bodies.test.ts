import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { startGateway, type TestGateway } from "../kit/gateway.ts";
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

const MESSAGES = [{ role: "user", content: "hi" }];
const CHAT = "/v1/chat/completions";
const post = (path: string, body: string | Uint8Array, headers: { [name: string]: string } = {}) =>
  fetch(gateway.url + path, { method: "POST", headers, body: body as BodyInit });
const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;

describe("sizes", () => {
  test("L-01: what announces itself too large is refused unread, in words", async () => {
    for (const length of [300 * 1024 * 1024, 60 * 1024 * 1024]) {
      const { status, text, closed } = await rawHttp(
        gateway.port,
        `POST ${CHAT} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${length}\r\n\r\n{`,
      );
      expect([status, closed]).toEqual([413, true]);
      // The larger one meets the runtime's own wall, which has no words.
      if (length < 100 * 1024 * 1024) expect(text).toContain('"too_large"');
    }
  });

  test("L-01: what grows too large in chunks is cut off", async () => {
    const { status, sent } = await flood(`POST ${CHAT} HTTP/1.1`, 400 * 1024 * 1024);
    expect(status === 413 || status === 0).toBe(true);
    expect(sent).toBeLessThan(150 * 1024 * 1024);
  }, 60_000);

  test("L-02: a stranger's import is refused before it is read", async () => {
    const { status, sent } = await flood("POST /api/db-backups/import HTTP/1.1", 90 * 1024 * 1024);
    expect(status).toBe(401);
    // What the system's own buffers swallow in between.
    expect(sent).toBeLessThan(40 * 1024 * 1024);
  }, 60_000);

  test("L-03: a compressed body is refused, also one that would fill memory", async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    for (const path of [CHAT, "/v1/messages", "/api/auth/login"]) {
      const answer = await post(path, bomb, { "content-encoding": "gzip" });
      expect([path, answer.status]).toEqual([path, 415]);
    }
  });

  test("L-04: what is nested too deep is refused, in requests and in the schemas of tools", async () => {
    expect((await post(CHAT, nested(100_000))).status).toBe(400);
    const parameters = JSON.parse(nested(500)) as object;
    const tools = [{ type: "function", function: { name: "f", parameters: { a: parameters } } }];
    const deep = JSON.stringify({ model: "up/m", messages: MESSAGES, tools });
    expect((await post(CHAT, deep.replace('"a":1', `"a":${nested(5000)}`))).status).toBe(400);
    expect((await post("/api/auth/login", nested(100_000))).status).toBe(400);
  });

  test("L-05: very many messages and tools are answered or refused, and are no fault", async () => {
    const messages = Array.from({ length: 200_000 }, (_, index) => ({
      role: index % 2 === 0 ? "user" : "assistant",
      content: "x",
    }));
    const many = await post(CHAT, JSON.stringify({ model: "up/m", messages }));
    expect(many.status).not.toBe(500);
    const tools = Array.from({ length: 10_000 }, (_, index) => ({
      type: "function",
      function: { name: `f${index}`, parameters: { type: "object" } },
    }));
    expect((await post(CHAT, JSON.stringify({ model: "up/m", messages: MESSAGES, tools }))).status).not.toBe(
      500,
    );
  }, 60_000);

  test("L-06: very many fields and endless numbers are no fault", async () => {
    const fields = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`k${index}`, index]));
    const answer = await post("/v1/messages", JSON.stringify(fields));
    expect(answer.status).toBe(400);
    const digits = `{"model":"up/m","messages":[{"role":"user","content":"x"}],"seed":${"9".repeat(1_000_000)}}`;
    expect((await post(CHAT, digits)).status).not.toBe(500);
    expect((await post("/v1/messages", `{"max_tokens":${"9".repeat(1_000_000)}}`)).status).toBe(400);
  });

  const NAMES = [
    ["a megabyte", "x".repeat(1024 * 1024)],
    ["50 000 wildcards", "*".repeat(50_000)],
    ["30 000 steps upwards", "../".repeat(30_000)],
  ] as const;
  test.each(NAMES)("L-07: a model's name of %s is refused and not given back", async (_name, model) => {
    for (const path of [CHAT, "/v1/messages", "/v1/responses"]) {
      const answer = await post(
        path,
        JSON.stringify({ model, messages: MESSAGES, input: "x", max_tokens: 9 }),
      );
      const text = await answer.text();
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
      expect(text.length).toBeLessThan(2000);
    }
  });

  test("L-08: very many parts, and broken forms", async () => {
    const type = { "content-type": "multipart/form-data; boundary=x" };
    const part = '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n';
    for (const body of [
      `${part.repeat(20_000)}--x--`,
      part,
      "--x",
      "",
      "--x\r\n\r\n--x--",
      "no form at all",
    ]) {
      const answer = await post("/v1/audio/transcriptions", body, type);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
    }
    expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
  });
});

/** Bodies no program should send; `bad`: refused for certain. */
const BODIES: (readonly [name: string, kind: "bad" | "odd", body: string | Uint8Array])[] = [
  ["nothing", "bad", ""],
  ["a half", "bad", '{"model":"up/m","messages":[{"role":"us'],
  ["two in one", "bad", "{}{}"],
  ["a comment", "bad", '{"model":"up/m" /* hi */}'],
  ["a comma too many", "bad", '{"model":"up/m",}'],
  ["single quotes", "bad", "{'model':'up/m'}"],
  ["NaN", "bad", '{"model":"up/m","temperature":NaN}'],
  ["Infinity", "bad", '{"model":"up/m","temperature":Infinity}'],
  ["a list", "bad", "[]"],
  ["a text", "bad", '"hello"'],
  ["null", "bad", "null"],
  ["a number", "bad", "7"],
  ["HTML", "bad", "<html></html>"],
  ["form fields", "bad", "model=up/m&messages=hi"],
  ["UTF-16", "bad", Buffer.from('{"model":"up/m"}', "utf16le")],
  ["broken UTF-8", "bad", Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d])],
  ["NULs", "bad", "\u0000\u0000\u0000"],
  ["a mark of byte order", "odd", `\ufeff{"model":"up/m","messages":${JSON.stringify(MESSAGES)}}`],
  ["fields twice", "odd", `{"model":"x","model":"up/m","messages":${JSON.stringify(MESSAGES)}}`],
  ["a model that is a number", "bad", `{"model":7,"messages":${JSON.stringify(MESSAGES)}}`],
  ["a model that is null", "bad", `{"model":null,"messages":${JSON.stringify(MESSAGES)}}`],
  ["a model that is a list", "bad", `{"model":["up/m"],"messages":${JSON.stringify(MESSAGES)}}`],
  ["messages that are a text", "bad", '{"model":"up/m","messages":"hi"}'],
  ["messages of null", "bad", '{"model":"up/m","messages":[null]}'],
  ["an unknown role", "bad", '{"model":"up/m","messages":[{"role":"king","content":"x"}]}'],
  ["a role that is an object", "bad", '{"model":"up/m","messages":[{"role":{},"content":"x"}]}'],
  ["content of another kind", "bad", '{"model":"up/m","messages":[{"role":"user","content":{"a":1}}]}'],
  ["no messages", "odd", '{"model":"up/m","messages":[]}'],
  [
    "an odd temperature",
    "odd",
    `{"model":"up/m","temperature":"hot","messages":${JSON.stringify(MESSAGES)}}`,
  ],
  ["endless tokens", "odd", `{"model":"up/m","max_tokens":1e308,"messages":${JSON.stringify(MESSAGES)}}`],
  ["less than no tokens", "odd", `{"model":"up/m","max_tokens":-1,"messages":${JSON.stringify(MESSAGES)}}`],
  [
    "a stream that is a text",
    "odd",
    `{"model":"up/m","stream":"yes","messages":${JSON.stringify(MESSAGES)}}`,
  ],
  ["a lone surrogate", "odd", '{"model":"up/m","messages":[{"role":"user","content":"\\ud800"}]}'],
  ["tools that are a text", "odd", `{"model":"up/m","tools":"all","messages":${JSON.stringify(MESSAGES)}}`],
  ...[
    "../../etc/passwd",
    "up/../../x",
    "up/m?x=1",
    "up/m#x",
    "'; DROP TABLE x; --",
    "up/m\r\nX-Evil: 1",
    "\u0000",
  ].map(
    (model) =>
      [`the model ${JSON.stringify(model)}`, "odd", JSON.stringify({ model, messages: MESSAGES })] as const,
  ),
];

describe("shapes", () => {
  test.each(BODIES)("J-01: %s (%s)", async (_name, kind, body) => {
    const answer = await post(CHAT, body);
    const text = await answer.text();
    expect(answer.status).not.toBe(500);
    if (kind === "bad") {
      expect([400, 404, 413, 415, 422]).toContain(answer.status);
      expect(typeof JSON.parse(text).error.message).toBe("string");
    }
    expect(text).not.toMatch(/\n\s+at |\/src\/|node_modules/);
    expect(answer.headers.get("x-evil")).toBeNull();
  });

  const OTHERS = [
    "/v1/messages",
    "/v1/messages/count_tokens",
    "/v1/responses",
    "/v1/completions",
    "/v1/embeddings",
    "/v1/images/generations",
    "/v1/audio/speech",
    "/v1/moderations",
    "/v1/rerank",
    "/v1beta/models/mock/echo:generateContent",
    "/api/chat",
    "/api/auth/login",
  ];
  test.each(OTHERS)("J-02: %s takes none of them for a fault of ours", async (path) => {
    for (const [name, , body] of BODIES) {
      const answer = await post(path, body);
      expect([name, answer.status === 500 ? await answer.text() : "no fault"]).toEqual([name, "no fault"]);
    }
  });

  test("J-03: the content type changes nothing, except that other sites are refused", async () => {
    const body = JSON.stringify({ model: "up/m", messages: MESSAGES });
    for (const type of [
      "",
      "text/plain",
      "application/x-www-form-urlencoded",
      "application/xml",
      "image/png",
      "x",
      "multipart/form-data",
    ]) {
      expect([type, (await post(CHAT, body, { "content-type": type })).status]).toEqual([type, 200]);
      const crossed = { "content-type": type, origin: "https://evil.test" };
      expect([type, (await post(CHAT, body, crossed)).status]).toEqual([type, 403]);
    }
  });

  test("J-04: nothing gets into the prototypes of other objects", async () => {
    for (const path of [CHAT, "/v1/messages", "/api/auth/login"])
      await post(
        path,
        '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"model":"up/m","messages":[]}',
      );
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    const models = (await (await fetch(`${gateway.url}/v1/models`)).json()) as { data: object[] };
    expect(JSON.stringify(models)).not.toContain("polluted");
  });
});

/** Sends chunk after chunk until the server has had enough. `sent` in bytes. */
function flood(start: string, bytes: number): Promise<{ status: number; sent: number }> {
  return new Promise((resolve) => {
    let sent = 0;
    let text = "";
    const piece = `10000\r\n${"x".repeat(65_536)}\r\n`;
    const socket = connect(gateway.port, "127.0.0.1", () => {
      socket.write(`${start}\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n`);
      pour();
    });
    const pour = () => {
      while (sent < bytes && !socket.destroyed) {
        sent += piece.length;
        if (!socket.write(piece)) return;
      }
    };
    socket.on("drain", pour);
    socket.on("data", (data) => void (text += data.toString("latin1")));
    socket.on("error", () => {});
    socket.on("close", () => resolve({ status: Number(/HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0), sent }));
  });
}
