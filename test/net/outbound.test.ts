import { afterAll, describe, expect, test } from "bun:test";
import { brotliCompressSync, deflateSync } from "node:zlib";
import { FAILURES } from "../../src/core/errors.ts";
import { failureOf, HandClock, rawServer, testOutbound, testRequest } from "./kit.ts";

const stops: (() => unknown)[] = [];
afterAll(async () => {
  for (const stop of stops) await stop();
});

function serve(fetch: (request: Request) => Response | Promise<Response>) {
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", idleTimeout: 0, fetch });
  stops.push(() => server.stop(true));
  return server;
}

function raw(...parameters: Parameters<typeof rawServer>) {
  const server = rawServer(...parameters);
  stops.push(() => server.stop(true));
  return `http://127.0.0.1:${server.port}/v1/chat`;
}

/** Takes calls and never answers; tells when one came and when it was given up. */
function silent() {
  const came = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  const server = serve((request) => {
    came.resolve();
    request.signal.addEventListener("abort", () => left.resolve());
    return new Promise(() => {});
  });
  return { url: server.url.href, came: came.promise, left: left.promise };
}

describe("a call", () => {
  const echo = serve(async (request) =>
    Response.json(
      { method: request.method, headers: Object.fromEntries(request.headers), body: await request.text() },
      { status: 201, headers: { "x-answer": "yes" } },
    ),
  );

  test("carries method, headers and body, and says who we are", async () => {
    const answer = await testOutbound().send(
      testRequest(echo.url.href, { headers: { "x-api-key": "k" }, body: "hello" }),
    );
    expect(answer.status).toBe(201);
    expect(answer.headers.get("x-answer")).toBe("yes");
    const seen = JSON.parse(await answer.text(10_000));
    expect(seen).toMatchObject({ method: "POST", body: "hello" });
    expect(seen.headers).toMatchObject({
      "x-api-key": "k",
      "user-agent": "OmniRoute/9.9.9",
      "accept-encoding": "identity",
    });
  });

  test("keeps the user agent it is given, and sends bytes as they are", async () => {
    const answer = await testOutbound().send(
      testRequest(echo.url.href, { headers: { "user-agent": "claude-cli/2" }, body: Buffer.from("bytes") }),
    );
    const seen = JSON.parse(await answer.text(10_000));
    expect(seen.headers["user-agent"]).toBe("claude-cli/2");
    expect(seen.body).toBe("bytes");
  });

  test("gives an error's answer as it is", async () => {
    const server = serve(() => new Response("nope", { status: 503, headers: { "retry-after": "7" } }));
    const answer = await testOutbound().send(testRequest(server.url.href));
    expect([answer.status, answer.headers.get("retry-after"), await answer.text(100)]).toEqual([
      503,
      "7",
      "nope",
    ]);
  });

  test("leaves no timer behind once the headers are there", async () => {
    const clock = new HandClock();
    const answer = await testOutbound({ clock }).send(testRequest(echo.url.href));
    await answer.text(1000);
    expect(clock.due).toEqual([]);
  });
});

describe("whoever gives a call up", () => {
  test("before the headers also ends it at the provider", async () => {
    const upstream = silent();
    const leaving = new AbortController();
    const call = failureOf(testOutbound().send(testRequest(upstream.url, { signal: leaving.signal })));
    await upstream.came;
    leaving.abort();
    expect((await call).kind).toBe("cancelled");
    await upstream.left;
  });

  test("inside the answer also ends it at the provider", async () => {
    const left = Promise.withResolvers<void>();
    const server = serve(
      () =>
        new Response(new ReadableStream({ pull: (sink) => sink.enqueue("x"), cancel: () => left.resolve() })),
    );
    const leaving = new AbortController();
    const answer = await testOutbound().send(testRequest(server.url.href, { signal: leaving.signal }));
    await answer.body!.getReader().read();
    leaving.abort();
    await left.promise;
  });

  test("by cancelling the answer also ends it at the provider", async () => {
    const left = Promise.withResolvers<void>();
    const server = serve(
      () =>
        new Response(new ReadableStream({ pull: (sink) => sink.enqueue("x"), cancel: () => left.resolve() })),
    );
    const answer = await testOutbound().send(testRequest(server.url.href));
    answer.cancel();
    await left.promise;
  });

  test("before it began makes no call at all", async () => {
    const upstream = silent();
    const failure = await failureOf(
      testOutbound().send(testRequest(upstream.url, { signal: AbortSignal.abort() })),
    );
    expect(failure.kind).toBe("cancelled");
  });
});

describe("a redirect", () => {
  test.each([301, 302, 303, 307, 308])(
    "with status %d is not followed and the key not sent on",
    async (status) => {
      let followed = 0;
      const other = serve(() => {
        followed++;
        return new Response("secret place");
      });
      const location = `${other.url.origin}/elsewhere?token=abc`;
      const server = serve(() => new Response(null, { status, headers: { location } }));
      const failure = await failureOf(
        testOutbound().send(
          testRequest(server.url.href, { headers: { "x-api-key": "sk-secret" }, body: "{}" }),
        ),
      );
      expect(followed).toBe(0);
      expect(failure.kind).toBe("unreachable");
      expect(failure.status).toBe(status);
      expect(failure.message).toContain(`redirect to ${other.url.origin} (status ${status})`);
      expect(failure.message).not.toMatch(/token=abc|sk-secret/);
      expect(failure.brokeEarly).toBe(false);
    },
  );

  test("without an address is told as well", async () => {
    const server = serve(() => new Response(null, { status: 304 }));
    expect((await failureOf(testOutbound().send(testRequest(server.url.href)))).message).toContain(
      "a redirect (status 304)",
    );
  });
});

describe("a connection that fails", () => {
  test("because nobody listens is unreachable, and not worth an immediate repeat", async () => {
    const failure = await failureOf(testOutbound().send(testRequest("http://127.0.0.1:1/v1")));
    expect(failure).toMatchObject({ kind: "unreachable", brokeEarly: false, providerCode: "ECONNREFUSED" });
    expect(failure.message).toBe("127.0.0.1:1 refused the connection: is the server running?");
  });

  test.each(["close", "reset"] as const)(
    "by a %s before the first byte may be repeated at once",
    async (how) => {
      const failure = await failureOf(testOutbound().send(testRequest(raw("", how), { body: "{}" })));
      expect(failure).toMatchObject({ kind: "unreachable", brokeEarly: true });
      expect(failure.message).toContain("closed the connection before it answered");
    },
  );

  test("inside the answer is no early break", async () => {
    const url = raw("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc");
    const answer = await testOutbound().send(testRequest(url));
    expect(await failureOf(answer.text(1000))).toMatchObject({ kind: "unreachable", brokeEarly: false });
  });

  test("inside a chunked answer is a failure, not an end", async () => {
    const url = raw("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n");
    const answer = await testOutbound().send(testRequest(url));
    expect((await failureOf(answer.text(1000))).kind).toBe("unreachable");
  });

  test.each([
    ["an impossible status", "HTTP/1.1 999999 X\r\n\r\n"],
    ["a thousand headers", `HTTP/1.1 200 OK\r\n${"x-a: y\r\n".repeat(1000)}\r\n`],
  ])("over %s is malformed", async (_name, head) => {
    expect((await failureOf(testOutbound().send(testRequest(raw(head))))).kind).toBe("malformed");
  });

  test("over TLS with a server that speaks none says so", async () => {
    const server = serve(() => new Response("plain"));
    const failure = await failureOf(testOutbound().send(testRequest(`https://127.0.0.1:${server.port}/`)));
    expect(failure.kind).toBe("unreachable");
    expect(failure.message).toMatch(/^TLS with 127\.0\.0\.1:\d+ failed/);
  });

  test("never tells the whole address, which may hold a key", async () => {
    const failure = await failureOf(testOutbound().send(testRequest("http://127.0.0.1:1/v1?key=sk-secret")));
    expect(failure.message).not.toContain("sk-secret");
    expect(FAILURES[failure.kind].code).toBe("upstream_unreachable");
  });
});

describe("silence", () => {
  test("before the answer ends after the headers' time and closes the connection", async () => {
    const upstream = silent();
    const failure = await failureOf(testOutbound().send(testRequest(upstream.url, { headersTimeoutMs: 60 })));
    expect(failure.kind).toBe("timeout");
    expect(failure.message).toContain("sent no answer within 0.1 s");
    await upstream.left;
  });

  test("on a standing connection is borne until the headers' time is over", async () => {
    const upstream = silent();
    const clock = new HandClock();
    const call = failureOf(
      testOutbound({ clock, config: { fetchTimeoutMs: 300_000 } }).send(testRequest(upstream.url)),
    );
    await upstream.came;
    await clock.advance(1000);
    // The connect time is over for us when the probe's own connection stands.
    while (clock.due.length > 1) await Bun.sleep(5);
    await clock.advance(298_000);
    expect(clock.due).toEqual([1000]);
    await clock.advance(1000);
    expect((await call).message).toContain("sent no answer within 300 s");
  });

  test("of a host that takes no connection ends after the connect time", async () => {
    const upstream = silent();
    const clock = new HandClock();
    const asked: string[] = [];
    const outbound = testOutbound({
      clock,
      probe: (host, port, signal) => {
        asked.push(`${host}:${port}`);
        return new Promise((_resolve, reject) =>
          signal.addEventListener("abort", () => reject(new Error("stopped"))),
        );
      },
    });
    const call = failureOf(outbound.send(testRequest(upstream.url)));
    await upstream.came;
    await clock.advance(4999);
    expect(asked).toEqual([new URL(upstream.url).host]);
    await clock.advance(1);
    const failure = await call;
    expect(failure.kind).toBe("timeout");
    expect(failure.message).toContain("could not be reached within 5 s");
    expect(clock.due).toEqual([]);
    await upstream.left;
  });

  test("of a resolver ends after the connect time", async () => {
    const outbound = testOutbound({ resolve: () => new Promise(() => {}) });
    const failure = await failureOf(
      outbound.send(testRequest("http://model.test/v1", { userEntered: true, connectTimeoutMs: 30 })),
    );
    expect(failure.kind).toBe("timeout");
    expect(failure.message).toContain("model.test was not resolved in time");
  });
});

describe("bodies", () => {
  const text = "packed ".repeat(10_000);

  test.each(["gzip", "deflate", "br", "zstd"] as const)(
    "packed with %s arrive unpacked",
    async (encoding) => {
      const pack = {
        gzip: Bun.gzipSync,
        deflate: deflateSync,
        br: brotliCompressSync,
        zstd: Bun.zstdCompressSync,
      }[encoding];
      const packed = new Uint8Array(pack(Buffer.from(text)));
      const server = serve(() => new Response(packed, { headers: { "content-encoding": encoding } }));
      const answer = await testOutbound().send(testRequest(server.url.href));
      expect(await answer.text(1_000_000)).toBe(text);
    },
  );

  test.each(["abc", Bun.gzipSync(Buffer.from(text)).slice(0, 60)])(
    "falsely packed are a failure",
    async (bytes) => {
      const head = `HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${bytes.length}\r\n\r\n`;
      const url = raw(Buffer.concat([Buffer.from(head), Buffer.from(bytes)]));
      const call = testOutbound()
        .send(testRequest(url))
        .then((answer) => answer.text(1_000_000));
      expect(["unreachable", "malformed"]).toContain((await failureOf(call)).kind);
    },
  );

  test("of many megabytes arrive whole", async () => {
    const big = Buffer.alloc(20 * 1024 * 1024, "x");
    const server = serve(() => new Response(big));
    const answer = await testOutbound().send(testRequest(server.url.href));
    expect((await answer.text(64 * 1024 * 1024)).length).toBe(big.length);
  });

  test("larger than the limit fail, also when they came small and packed", async () => {
    const bomb = Bun.gzipSync(Buffer.alloc(50 * 1024 * 1024));
    expect(bomb.length).toBeLessThan(100_000);
    const server = serve(() => new Response(bomb, { headers: { "content-encoding": "gzip" } }));
    const answer = await testOutbound().send(testRequest(server.url.href));
    expect((await failureOf(answer.text(1_000_000))).kind).toBe("malformed");
  });

  test("of errors are cut off at the limit", async () => {
    const server = serve(() => new Response("e".repeat(5000), { status: 500 }));
    const answer = await testOutbound().send(testRequest(server.url.href));
    expect(await answer.text(1000)).toBe("e".repeat(1000));
  });

  test("stream through piece by piece", async () => {
    const gate = Promise.withResolvers<void>();
    const pieces = async function* () {
      yield "first";
      await gate.promise;
      yield "second";
    };
    const server = serve(() => new Response(pieces() as unknown as BodyInit));
    const answer = await testOutbound().send(testRequest(server.url.href));
    const reader = answer.body!.getReader();
    expect(Buffer.from((await reader.read()).value!).toString()).toBe("first");
    gate.resolve();
    expect(Buffer.from((await reader.read()).value!).toString()).toBe("second");
    expect((await reader.read()).done).toBe(true);
  });
});
