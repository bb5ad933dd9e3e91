import { expect, test } from "bun:test";
import { createServer } from "node:net";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Proxy } from "../../src/net/index.ts";
import { ProxyPlaces } from "../../src/net/proxy-places.ts";
import { FakeClock } from "../kit/fake-clock.ts";
import { startGateway } from "../kit/gateway.ts";

const OWN_PORT = 20_128;

function places(answers: { [name: string]: readonly string[] }) {
  const clock = new FakeClock();
  const asked: string[] = [];
  const resolve = (name: string) => {
    asked.push(name);
    const found = answers[name];
    return found ? Promise.resolve(found) : Promise.reject(new Error("ENOTFOUND"));
  };
  const found = new ProxyPlaces({ clock, resolve, ownPort: () => OWN_PORT });
  const dialled = async (host: string, more: Partial<Proxy> = {}) =>
    found.checked({ type: "http", host, port: 8080, ...more }).then(
      (proxy) => proxy.host,
      (error: Error) => error.message,
    );
  return { answers, asked, clock, dialled };
}

test.each([
  ["169.254.169.254", "a metadata service"],
  ["0.0.0.0", "the unspecified address"],
  ["::", "the unspecified address"],
  ["::ffff:169.254.169.254", "a metadata service"],
  ["fe80::1", "a link-local address"],
  ["224.0.0.1", "a multicast address"],
  ["metadata.google.internal", "a metadata service"],
  ["led.astray", "a metadata service"],
  ["nobody.knows", "could not be resolved"],
])("S-09: a proxy at %s is not dialled: %s", async (host, why) => {
  const { dialled } = places({ "led.astray": ["169.254.169.254"] });
  expect(await dialled(host)).toContain(why);
});

test("S-09: nor one at our own port, which would be a loop", async () => {
  const { dialled } = places({});
  for (const host of ["127.0.0.1", "localhost", "::1"])
    expect(await dialled(host, { port: OWN_PORT })).toContain("this gateway itself");
  expect(await dialled("127.0.0.1")).toBe("127.0.0.1");
});

test("S-08: a proxy is dialled at the address that was checked, and looked up again after a minute", async () => {
  const { answers, asked, clock, dialled } = places({ "p.test": ["169.254.169.254", "192.0.2.7"] });
  expect(await dialled("p.test")).toBe("192.0.2.7");
  answers["p.test"] = ["169.254.169.254"];
  expect(await dialled("p.test")).toBe("192.0.2.7");
  expect(asked).toEqual(["p.test"]);
  clock.advance(60_001);
  expect(await dialled("p.test")).toContain("never called");
});

test("a proxy that speaks TLS keeps the name that its certificate bears", async () => {
  const { dialled } = places({ "p.test": ["192.0.2.7"] });
  expect(await dialled("p.test", { type: "https" })).toBe("p.test");
});

test("calls and tests go through no such proxy, though it is set", async () => {
  const hits: string[] = [];
  const everywhere = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (data) => void hits.push(data.toString("latin1")));
  }).listen(0, "0.0.0.0");
  await new Promise((resolve) => everywhere.once("listening", resolve));
  const address = everywhere.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const gateway = await startGateway();
  const owner = readFileSync(join(gateway.dataDir, "cli-token"), "utf8").trim();
  gateway.node("up", "http://127.0.0.1:9/v1");
  for (const proxy of [
    { type: "http", host: "0.0.0.0", port },
    { type: "socks5", host: "0.0.0.0", port },
    { type: "http", host: "127.0.0.1", port: gateway.port },
  ]) {
    const set = await fetch(`${gateway.url}/api/settings/proxy`, {
      method: "PUT",
      headers: { authorization: `Bearer ${owner}` },
      body: JSON.stringify({ global: proxy }),
    });
    expect(set.status).toBe(200);
    gateway.engine.health.resetAll();
    const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      body: JSON.stringify({ model: "up/a", messages: [{ role: "user", content: "hi" }] }),
    });
    expect([answer.status, await answer.text()]).toEqual([
      502,
      expect.stringMatching(/never called|this gateway itself/),
    ]);
  }
  expect(hits).toEqual([]);
  await gateway.stop();
  everywhere.close();
});
