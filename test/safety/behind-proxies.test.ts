import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type AnswerTap, startAnswerTap } from "../kit/answer-tap.ts";
import {
  type FrontProxy,
  hasFrontProxy,
  type ProxyName,
  PUBLIC_NAME,
  startFrontProxy,
} from "../kit/front-proxies.ts";
import { startGateway, TEST_PASSWORD, type TestGateway } from "../kit/gateway.ts";
import { hostileBytes, hostileHttp2, SMUGGLED_ID } from "../kit/hostile-wire.ts";
import { rawHttp } from "../kit/raw-http.ts";
import { rawHttp2 } from "../kit/raw-http2.ts";
import { chatReply, startUpstream, type Step, type Upstream } from "../kit/upstream.ts";

const PROXIES: readonly ProxyName[] = ["nginx", "HAProxy", "Caddy"];

/**
 * Framings with two ends that Caddy's parser reads by the chunks alone, as the standard allows: what follows is a call
 * of its own to it, in its log and under its rules, and it hands on each with one framing.
 */
const READ_AS_TWO: readonly string[] = [
  "a length and chunks",
  "a call behind the last chunk, within the length",
  "a coding on a line without its return",
  "a coding folded",
];

for (const name of PROXIES) {
  if (!hasFrontProxy(name))
    console.warn(
      `The tests behind ${name} are skipped: it, or openssl for its certificate, is not installed.`,
    );
  describe.skipIf(!hasFrontProxy(name))(`N-20: behind ${name}, set up as documented`, () => behind(name));
}

function behind(name: ProxyName): void {
  let gateway: TestGateway;
  let upstream: Upstream;
  let tap: AnswerTap;
  let proxy: FrontProxy;
  beforeAll(async () => {
    upstream = startUpstream(() => ({ type: "json", body: chatReply("hello") }));
    gateway = await startGateway({
      baseUrl: `https://${PUBLIC_NAME}`,
      cookieSecure: true,
      trustedProxies: ["127.0.0.1"],
    });
    gateway.node("up", `${upstream.url}/v1`);
    tap = await startAnswerTap(gateway.port);
    proxy = (await startFrontProxy(name, tap.port))!;
  });
  afterAll(async () => {
    await proxy.stop();
    tap.stop();
    await gateway.stop();
    await upstream.stop();
  });

  const raw = (bytes: string) => rawHttp(proxy.port, Buffer.from(bytes, "latin1"), { tlsName: PUBLIC_NAME });
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`https://127.0.0.1:${proxy.port}${path}`, {
      ...init,
      headers: { host: PUBLIC_NAME, ...(init.headers as object) },
      tls: { rejectUnauthorized: false, serverName: PUBLIC_NAME },
    });
  const chat = (body: object, init: RequestInit = {}) =>
    ask("/v1/chat/completions", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "up/a", messages: [{ role: "user", content: "hi" }], ...body }),
      ...init,
    });
  const honest = (id: string, more = "") =>
    `GET /v1/models HTTP/1.1\r\nHost: ${PUBLIC_NAME}\r\nX-Request-Id: ${id}\r\n${more}\r\n`;
  const idsIn = (text: string) => [...text.matchAll(/^x-request-id: (\S+)/gim)].map(([, id]) => id);

  const hiddenIn = (lines: readonly string[]) => lines.filter((line) => line.includes(SMUGGLED_ID)).length;

  /** Logs are written when calls are over, a little after their answers: waits until the two sides agree. */
  async function expectAgreement(answered: () => number, asked: () => number): Promise<void> {
    for (let tries = 0; tries < 300 && answered() !== asked(); tries++) await Bun.sleep(10);
    expect(answered()).toBe(asked());
  }

  test("no call is answered that the proxy did not see, everybody gets their own answer, both sides count alike", async () => {
    const met = await Promise.all(
      hostileBytes(PUBLIC_NAME).map(async ({ name: row, bytes }) => {
        const { answers, text } = await raw(bytes);
        const id = `after-${row.replace(/\W+/g, "-")}`;
        const next = await raw(honest(id, "Connection: close\r\n"));
        return { row, answers, hidden: text.includes(SMUGGLED_ID), isOwn: idsIn(next.text).join() === id };
      }),
    );
    await expectAgreement(
      () => tap.answers(),
      () => proxy.handedOn().length,
    );
    await expectAgreement(
      () => hiddenIn(tap.ids()),
      () => hiddenIn(proxy.handedOn()),
    );
    expect(met.filter(({ isOwn }) => !isOwn)).toEqual([]);
    expect(upstream.seen).toEqual([]);
    const mayBeTwo = name === "Caddy" ? READ_AS_TWO : [];
    const twice = met.filter(
      ({ row, answers, hidden }) => (answers > 1 || hidden) && !mayBeTwo.includes(row),
    );
    expect(twice).toEqual([]);
  }, 60_000);

  test("nor one that hides in HTTP/2", async () => {
    const met = await Promise.all(
      hostileHttp2(PUBLIC_NAME).map(async ({ name: row, ...call }) => {
        const { spoke } = await rawHttp2(proxy.port, PUBLIC_NAME, call);
        const id = `h2-${row.replace(/\W+/g, "-")}`;
        const next = await raw(honest(id, "Connection: close\r\n"));
        return { row, spoke, isOwn: idsIn(next.text).join() === id };
      }),
    );
    expect(met.filter(({ spoke, isOwn }) => !spoke || !isOwn)).toEqual([]);
    // Calls that broke off under way are answered to nobody, and only some proxies log them.
    await expectAgreement(
      () => hiddenIn(tap.ids()),
      () => hiddenIn(proxy.handedOn()),
    );
    expect(upstream.seen).toEqual([]);
  }, 60_000);

  test("ten calls in one breath get ten answers, in order", async () => {
    const ids = Array.from({ length: 10 }, (_, index) => `breath-${index}`);
    const { text } = await raw(
      ids.map((id, index) => honest(id, index === 9 ? "Connection: close\r\n" : "")).join(""),
    );
    expect(idsIn(text)).toEqual(ids);
  });

  const event = (content: string) =>
    `data: ${JSON.stringify({ id: "x", object: "chat.completion.chunk", created: 1, model: "a", choices: [{ index: 0, delta: { content }, finish_reason: null }] })}\n\n`;
  const quietAfterOne: Step = { type: "stream", chunks: [event("first")], then: "silence" };

  /** Reads until `word` has come; the stream is still running then. */
  async function readUntil(
    response: Response,
    word: string,
  ): Promise<ReadableStreamDefaultReader<Uint8Array>> {
    const reader = response.body!.getReader();
    for (let text = ""; !text.includes(word);) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`The stream ended before "${word}": ${text}`);
      text += Buffer.from(value).toString();
    }
    return reader;
  }

  test.each([
    ["/v1/chat/completions", "events"],
    ["/api/chat", "lines"],
  ])(
    "%s: the first %s arrive while the provider is still writing, and who leaves ends its work",
    async (path) => {
      upstream.script(() => quietAfterOne);
      const left = new AbortController();
      const response = await ask(path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ model: "up/a", stream: true, messages: [{ role: "user", content: "hi" }] }),
        signal: left.signal,
      });
      expect(response.status).toBe(200);
      await readUntil(response, "first");
      const seen = upstream.seen.at(-1)!;
      left.abort();
      await seen.aborted;
    },
  );

  test("a client that leaves before the first word ends the call at the provider", async () => {
    upstream.script(() => ({ type: "stall" }));
    const before = upstream.seen.length;
    const left = new AbortController();
    const call = chat({}, { signal: left.signal }).catch(() => "left");
    while (upstream.seen.length === before) await Bun.sleep(5);
    left.abort();
    expect(await call).toBe("left");
    await upstream.seen.at(-1)!.aborted;
  });

  test("20 MB go in and come out whole", async () => {
    const large = "0123456789abcdef".repeat(1_250_000);
    upstream.script(() => ({ type: "json", body: chatReply(large) }));
    const answer = (await (await chat({ messages: [{ role: "user", content: large }] })).json()) as {
      choices: { message: { content: string } }[];
    };
    expect(upstream.seen.at(-1)!.body.messages[0].content === large).toBe(true);
    expect(answer.choices[0]!.message.content === large).toBe(true);
  });

  test("the name of the house opens its own pages' forms, with a cookie for TLS only", async () => {
    const origin = `https://${PUBLIC_NAME}`;
    const login = await ask("/api/auth/login", {
      method: "POST",
      headers: { origin, "sec-fetch-site": "same-origin" },
      body: JSON.stringify({ password: TEST_PASSWORD }),
    });
    expect(login.status).toBe(200);
    const cookie = login.headers.get("set-cookie")!;
    expect(cookie).toContain("Secure");
    const change = (from: string) =>
      ask("/api/settings", {
        method: "PATCH",
        headers: { cookie: cookie.split(";")[0]!, origin: from },
        body: JSON.stringify({ instanceName: "behind" }),
      });
    expect((await change(origin)).status).toBe(200);
    expect((await change("https://evil.test")).status).toBe(403);
  });

  test("addresses that a client claims are not believed", async () => {
    for (let index = 0; index < 6; index++)
      await ask("/api/auth/login", {
        method: "POST",
        headers: { "x-forwarded-for": `203.0.113.${index}`, "x-real-ip": `203.0.113.${index}` },
        body: JSON.stringify({ password: "wrong" }),
      });
    expect(gateway.engine.access.listLocks().map(({ peer }) => peer)).toEqual(["127.0.0.1"]);
  });
}
