import { describe, expect, test } from "bun:test";
import { KnownAddresses } from "../../src/net/known-addresses.ts";

const open = { allowPrivate: true, ownPort: 20128 };

describe("addresses that need no closer look", () => {
  test.each([
    ["http://127.0.0.1:8080/v1/chat/completions", open, true],
    ["http://[::1]:8080/v1", open, true],
    ["https://192.168.1.5", open, true],
    ["http://192.168.1.5/v1", { allowPrivate: false }, false],
    ["http://127.0.0.1:20128/v1", open, false],
    ["http://169.254.169.254/latest", open, false],
    ["http://model.test:8080/v1", open, false],
    ["http://localhost:8080/v1", open, false],
  ])("%s under %j: %p", (url, policy, good) => {
    const known = new KnownAddresses();
    expect(known.isGood(url, policy)).toBe(good);
    expect(known.isGood(url, policy)).toBe(good);
  });

  test("what was found good is judged anew when the gateway's own port is known", () => {
    const known = new KnownAddresses();
    expect(known.isGood("http://127.0.0.1:20128/v1", { allowPrivate: true })).toBe(true);
    expect(known.isGood("http://127.0.0.1:20128/v1", open)).toBe(false);
  });

  test("one good address says nothing of its neighbours", () => {
    const known = new KnownAddresses();
    expect(known.isGood("http://10.0.0.1:80/v1", open)).toBe(true);
    expect(known.isGood("http://10.0.0.2:20128/v1", open)).toBe(false);
    expect(known.isGood("http://127.0.0.1.evil.test/v1", open)).toBe(false);
    expect(known.isGood("http://10.0.0.1:80@169.254.169.254/v1", open)).toBe(false);
    expect(known.isGood("http:/10.0.0.1/v1", open)).toBe(true);
    expect(known.isGood("http:/169.254.169.254/v1", open)).toBe(false);
    expect(known.isGood("http:///169.254.169.254/v1", open)).toBe(false);
  });
});
