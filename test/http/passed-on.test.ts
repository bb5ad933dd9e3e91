import { expect, test } from "bun:test";
import { startGateway, TEST_PASSWORD } from "../kit/gateway.ts";

/** What proxies on this machine add of themselves, where nobody has told us of them. */
const MARKS: readonly { [name: string]: string }[] = [
  { "x-forwarded-for": "203.0.113.5" },
  { "x-forwarded-for": "127.0.0.1" },
  { forwarded: "for=203.0.113.5" },
  { "x-real-ip": "203.0.113.5" },
  { "x-forwarded-host": "ai.example.org" },
  { "x-forwarded-proto": "https" },
  { via: "1.1 proxy" },
  { "cf-connecting-ip": "203.0.113.5" },
];

test.each(MARKS)(
  "%j: whoever comes over a proxy is not at this machine: set-up takes the link",
  async (mark) => {
    const gateway = await startGateway({ initialPassword: undefined });
    const setUp = (headers: { [name: string]: string }, token?: string) =>
      fetch(`${gateway.url}/api/setup`, {
        method: "POST",
        headers,
        body: JSON.stringify({ password: TEST_PASSWORD, ...(token !== undefined && { token }) }),
      });
    expect((await setUp(mark)).status).toBe(403);
    expect(await (await fetch(`${gateway.url}/setup`, { headers: mark })).text()).not.toContain(
      'name="password"',
    );
    expect(await (await fetch(`${gateway.url}/setup`)).text()).toContain('name="password"');
    expect((await setUp(mark, gateway.engine.access.setupToken()!)).status).toBe(201);
    await gateway.stop();
  },
);

test.each(MARKS)("%j: nor may it manage where signing in is switched off", async (mark) => {
  const gateway = await startGateway();
  gateway.engine.manage.settings.change({ requireLogin: false }, { name: "test" });
  const ask = async (path: string, headers: { [name: string]: string }) =>
    (await fetch(gateway.url + path, { headers, redirect: "manual" })).status;
  expect([await ask("/api/keys", {}), await ask("/dashboard", {})]).toEqual([200, 200]);
  expect([await ask("/api/keys", mark), await ask("/dashboard", mark)]).toEqual([401, 303]);
  await gateway.stop();
});
