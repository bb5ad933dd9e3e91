import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startGateway, type TestGateway } from "../kit/gateway.ts";

const CHAT = "/v1/chat/completions";
const MESSAGES = "/v1/messages";
const GEMINI = "/v1beta/models/mock/echo:generateContent";
const RESPONSES = "/v1/responses";

const good: { [path: string]: object } = {
  [CHAT]: { model: "mock/echo", messages: [{ role: "user", content: "hi" }] },
  [MESSAGES]: { model: "mock/echo", max_tokens: 10, messages: [{ role: "user", content: "hi" }] },
  [GEMINI]: { contents: [{ role: "user", parts: [{ text: "hi" }] }] },
  [RESPONSES]: { model: "mock/echo", input: "hi" },
};

type Row = [
  name: string,
  path: string,
  body: string | Uint8Array,
  status: number,
  code: string,
  says: RegExp,
];
const json = (value: unknown) => JSON.stringify(value);
const ROWS: Row[] = [
  ["an empty body", CHAT, "", 400, "bad_request", /empty/],
  ["not JSON", CHAT, "hello", 400, "bad_request", /JSON/],
  ["JSON that was cut", CHAT, '{"model":"mock/echo","messages":[{"role":', 400, "bad_request", /JSON/],
  ["two JSON values", CHAT, "{}{}", 400, "bad_request", /JSON/],
  ["an array", CHAT, "[]", 400, "bad_request", /object/],
  [
    "bytes that are no UTF-8",
    CHAT,
    new Uint8Array([123, 34, 255, 34, 58, 49, 125]),
    400,
    "bad_request",
    /UTF-8/,
  ],
  [
    "very deep JSON",
    CHAT,
    `{"model":"mock/echo","messages":${"[".repeat(100_000)}${"]".repeat(100_000)}}`,
    400,
    "bad_request",
    /512/,
  ],
  ["no model", CHAT, json({ messages: [] }), 400, "bad_request", /model/],
  ["a model that is a number", CHAT, json({ ...good[CHAT], model: 5 }), 400, "bad_request", /model/],
  ["no messages", CHAT, json({ model: "mock/echo" }), 400, "bad_request", /messages/],
  [
    "messages that are text",
    CHAT,
    json({ model: "mock/echo", messages: "hi" }),
    400,
    "bad_request",
    /messages/,
  ],
  [
    "an unknown role",
    CHAT,
    json({ model: "mock/echo", messages: [{ role: "king", content: "x" }] }),
    400,
    "bad_request",
    /messages\[0\]\.role/,
  ],
  [
    "an unknown model",
    CHAT,
    json({ ...good[CHAT], model: "nobody-knows-this" }),
    404,
    "model_not_found",
    /nobody-knows-this/,
  ],
  ["an unknown prefix", CHAT, json({ ...good[CHAT], model: "nowhere/x" }), 404, "model_not_found", /nowhere/],
  [
    "a provider without a connection",
    CHAT,
    json({ ...good[CHAT], model: "groq/x" }),
    400,
    "no_connection",
    /dashboard/,
  ],
  [
    "a model name of a megabyte",
    CHAT,
    json({ ...good[CHAT], model: "m".repeat(1_000_000) }),
    400,
    "bad_request",
    /256/,
  ],
  [
    "no max_tokens",
    MESSAGES,
    json({ model: "mock/echo", messages: [{ role: "user", content: "hi" }] }),
    400,
    "bad_request",
    /max_tokens/,
  ],
  [
    "an unknown model",
    MESSAGES,
    json({ ...good[MESSAGES], model: "nobody-knows-this" }),
    404,
    "model_not_found",
    /nobody/,
  ],
  ["not JSON", MESSAGES, "hello", 400, "bad_request", /JSON/],
  ["a thread", MESSAGES, json({ ...good[MESSAGES], thread: { id: "t" } }), 400, "bad_request", /thread/],
  ["not JSON", GEMINI, "hello", 400, "bad_request", /JSON/],
  ["no contents", GEMINI, "{}", 400, "bad_request", /contents/],
  ["not JSON", RESPONSES, "hello", 400, "bad_request", /JSON/],
  ["no input", RESPONSES, json({ model: "mock/echo" }), 400, "bad_request", /input/],
];

describe("bad input", () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway({ maxBodyBytes: 1024 * 1024 * 2 });
  });
  afterAll(() => gateway.stop());

  const post = (path: string, body: BodyInit, headers: { [name: string]: string } = {}) =>
    fetch(gateway.url + path, { method: "POST", body, headers });

  for (const [name, path, body, status, code, says] of ROWS) {
    test(`${path}: ${name} is a ${status} in the protocol's own shape`, async () => {
      const response = await post(path, body as BodyInit);
      expect(response.status).toBe(status);
      expect(response.headers.get("content-type")).toBe("application/json");
      const answer = shapeOf(path, await response.json());
      expect(answer.message).toMatch(says);
      if (answer.code !== undefined) expect(answer.code).toBe(code);
      expect(answer.message).not.toMatch(/\bat \S+:\d+|node_modules|\/work\//);
    });
  }

  for (const path of [CHAT, MESSAGES, GEMINI, RESPONSES]) {
    test(`${path}: a body over the limit is a 413, by length and chunked`, async () => {
      const huge = json({ ...good[path], filler: "x".repeat(3 * 1024 * 1024) });
      const plain = await post(path, huge);
      expect(plain.status).toBe(413);
      expect(shapeOf(path, await plain.json()).message).toMatch(/2 MB/);
      const chunked = await post(path, new Blob([huge]).stream() as unknown as BodyInit);
      expect(chunked.status).toBe(413);
    });

    test(`${path}: a compressed body is a 415`, async () => {
      const response = await post(path, Bun.gzipSync(Buffer.from(json(good[path]))), {
        "content-encoding": "gzip",
      });
      expect(response.status).toBe(415);
    });

    test(`${path}: any content type will do`, async () => {
      for (const type of ["text/plain", "application/octet-stream", "application/x-www-form-urlencoded"]) {
        expect((await post(path, json(good[path]), { "content-type": type })).status).toBe(200);
      }
    });
  }

  test("a missing or unknown key is a 401 where keys are required, in every form and shape", async () => {
    const closed = await startGateway({ requireApiKey: true });
    const { key } = closed.engine.access.createKey({ name: "client" });
    const wrong: { [name: string]: string }[] = [
      {},
      { authorization: "Bearer nope" },
      { "x-api-key": "nope" },
      { "x-goog-api-key": "' OR 1=1 --" },
    ];
    const right: { [name: string]: string }[] = [
      { authorization: `Bearer ${key}` },
      { "x-api-key": key },
      { "x-goog-api-key": key },
    ];
    for (const path of [CHAT, MESSAGES, GEMINI, RESPONSES]) {
      const send = (headers: { [name: string]: string }) =>
        fetch(closed.url + path, { method: "POST", body: json(good[path]), headers });
      for (const headers of wrong) {
        const response = await send(headers);
        expect(response.status).toBe(401);
        expect(shapeOf(path, await response.json()).message).toMatch(/key/);
      }
      for (const headers of right) {
        expect((await send(headers)).status).toBe(200);
      }
    }
    await closed.stop();
  });

  test("unknown paths and wrong methods answer in shape, never with HTML", async () => {
    for (const [method, path, status] of [
      ["GET", "/v1/chat/completions", 405],
      ["POST", "/v1/nothing", 404],
      ["POST", "/v1/files", 404],
      ["GET", "/v1/realtime", 404],
      ["POST", "/v1beta/models/x:unknownVerb", 404],
    ] as const) {
      const response = await fetch(gateway.url + path, { method, ...(method === "POST" && { body: "{}" }) });
      expect([path, response.status]).toEqual([path, status]);
      expect(response.headers.get("content-type")).toBe("application/json");
      if (status === 405) expect(response.headers.get("allow")).toBe("POST");
    }
  });

  test("a WebSocket on /v1/responses is refused with 426", async () => {
    const response = await fetch(`${gateway.url}/v1/responses`, {
      headers: { connection: "upgrade", upgrade: "websocket" },
    });
    expect(response.status).toBe(426);
  });
});

/** Message and code of an error, checked to be in the shape of the path's protocol. */
function shapeOf(path: string, body: any): { message: string; code: string | undefined } {
  if (path === MESSAGES) {
    expect(body.type).toBe("error");
    expect(typeof body.error.type).toBe("string");
    expect(typeof body.request_id).toBe("string");
    return { message: body.error.message, code: undefined };
  }
  if (path === GEMINI) {
    expect(typeof body.error.code).toBe("number");
    return { message: body.error.message, code: body.error.details[0].reason };
  }
  expect(Object.keys(body.error).toSorted()).toEqual(["code", "message", "param", "type"]);
  return { message: body.error.message, code: body.error.code };
}
