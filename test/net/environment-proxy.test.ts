import { afterAll, afterEach, describe, expect, test } from "bun:test";
import { environmentProxy } from "../../src/net/environment-proxy.ts";
import { failureOf, testOutbound, testRequest } from "./kit.ts";

const both = { http: "http://plain:1", https: "http://secure:2" };

describe("the environment's proxy for a URL", () => {
  test.each([
    ["http://a.example/", both, "http://plain:1"],
    ["https://a.example/", both, "http://secure:2"],
    ["https://a.example/", { http: "http://plain:1" }, undefined],
    ["https://a.example/", { all: "http://all:3" }, "http://all:3"],
    ["http://a.example/", { http: "plain:1" }, "http://plain:1"],
    ["http://a.example/", {}, undefined],
    ["http://localhost:1/", both, undefined],
    ["http://x.localhost/", both, undefined],
    ["http://127.0.0.9/", both, undefined],
    ["http://[::1]/", both, undefined],
    ["http://a.example/", { ...both, no: "*" }, undefined],
    ["http://a.example/", { ...both, no: "b.example, a.example" }, undefined],
    ["http://sub.a.example/", { ...both, no: "a.example" }, undefined],
    ["http://sub.a.example/", { ...both, no: ".a.example" }, undefined],
    ["http://sub.a.example/", { ...both, no: "*.a.example" }, undefined],
    ["http://A.EXAMPLE./", { ...both, no: "a.example" }, undefined],
    ["http://nota.example/", { ...both, no: "a.example" }, "http://plain:1"],
    ["http://a.example:8080/", { ...both, no: "a.example:8080" }, undefined],
    ["http://a.example/", { ...both, no: "a.example:8080" }, "http://plain:1"],
    ["https://a.example/", { ...both, no: "a.example:443" }, undefined],
    ["http://10.1.2.3/", { ...both, no: "10.0.0.0/8" }, undefined],
    ["http://11.1.2.3/", { ...both, no: "10.0.0.0/8" }, "http://plain:1"],
    ["http://10.1.2.3/", { ...both, no: "10.1.2.3" }, undefined],
    ["http://10.1.2.3/", { ...both, no: "2.3" }, "http://plain:1"],
    ["http://a.example/", { ...both, no: "  , " }, "http://plain:1"],
  ])("%s under %j is %p", (url, proxy, expected) => {
    expect(environmentProxy(proxy, new URL(url))).toBe(expected as string);
  });
});

describe("calls and proxies", () => {
  const upstream = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("direct") });
  const proxy = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) => new Response(`through the proxy to ${request.headers.get("host")}`),
  });
  const proxyUrl = proxy.url.href;
  const kept = { HTTP_PROXY: process.env.HTTP_PROXY, NO_PROXY: process.env.NO_PROXY };
  afterEach(() => {
    for (const [name, value] of Object.entries(kept)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
  afterAll(() => Promise.all([upstream.stop(true), proxy.stop(true)]));

  const textOf = async (outbound: ReturnType<typeof testOutbound>, change = {}) =>
    (await outbound.send(testRequest(upstream.url.href, { method: "GET", ...change }))).text(1000);

  test("the process's own variables change nothing", async () => {
    process.env.HTTP_PROXY = "http://127.0.0.1:1";
    expect(await textOf(testOutbound())).toBe("direct");
  });

  test("a configured environment proxy is used for hosts elsewhere", async () => {
    const outbound = testOutbound({ config: { proxy: { http: proxyUrl } } });
    const answer = await outbound.send(testRequest("http://model.test/v1", { method: "GET" }));
    expect(await answer.text(1000)).toBe("through the proxy to model.test");
    expect(await textOf(outbound)).toBe("direct");
  });

  test("a proxy named for the call wins over all, and the process's exceptions do not undo it", async () => {
    process.env.NO_PROXY = "127.0.0.1";
    const outbound = testOutbound({ proxyFor: () => "http://127.0.0.1:1" });
    expect(await textOf(outbound, { proxy: proxyUrl })).toStartWith("through the proxy");
    expect(await textOf(outbound, { proxy: false })).toBe("direct");
  });

  test("a configured proxy wins over the environment's, also when it says none", async () => {
    const config = { proxy: { http: "http://127.0.0.1:1" } };
    const named = testOutbound({ config, proxyFor: () => proxyUrl });
    expect(await textOf(named)).toStartWith("through the proxy");
    const direct = testOutbound({ config, proxyFor: () => false });
    expect(await textOf(direct)).toBe("direct");
  });

  test("a proxy that fails is unreachable, and nothing goes around it", async () => {
    const failure = await failureOf(textOf(testOutbound(), { proxy: "http://127.0.0.1:1" }));
    expect(failure.kind).toBe("unreachable");
    expect(failure.message).toContain("through the proxy");
  });

  test("a proxy of a kind that cannot be used is told as such", async () => {
    const failure = await failureOf(textOf(testOutbound(), { proxy: "socks5://127.0.0.1:1" }));
    expect(failure.message).toBe("The configured proxy is of a type that cannot be used.");
  });

  test("a proxy resolves the names it is given, but not forbidden ones", async () => {
    const outbound = testOutbound({ resolve: async () => Promise.reject(new Error("unknown here")) });
    const send = (url: string) => outbound.send(testRequest(url, { userEntered: true, proxy: proxyUrl }));
    expect(await (await send("http://inside.test/")).text(100)).toBe("through the proxy to inside.test");
    expect((await failureOf(send("http://169.254.169.254/"))).message).toContain("never called");
    expect((await failureOf(send("http://metadata.google.internal/"))).message).toContain("never called");
  });
});
