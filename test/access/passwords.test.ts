import { describe, expect, test } from "bun:test";
import { passwordFault } from "../../src/access/index.ts";
import { PasswordHasher } from "../../src/access/password.ts";
import { codeOf } from "./kit.ts";

describe("a new password", () => {
  test.each([
    ["", "at least 8"],
    ["short7!", "at least 8"],
    ["x".repeat(1025), "at most 1024"],
    ["12345678", "first"],
    ["password", "first"],
    ["Password123", "first"],
    ["P@ssw0rd!", "first"],
    ["qwertyuiop", "first"],
    ["1q2w3e4r5t", "first"],
    ["aaaaaaaaaa", "first"],
    ["abababab", "first"],
    ["abc1abc1", "first"],
    ["testtest", "first"],
    ["omniroute2026", "first"],
    ["Summer2026!", "first"],
    ["iloveyou!!", "first"],
    ["letmein123", "first"],
    ["19840312", "first"],
    ["CHANGEME", "first"],
    ["your-password", "first"],
  ])("%p is refused", (password, reason) => {
    expect(passwordFault(password)).toContain(reason);
  });

  test.each([
    "a quiet harbour at dawn",
    "correct horse battery staple",
    "kZ6tq2V0m3rY",
    "dragonfly-over-pond",
    "пароль которого нет",
    "x9$Lm2!q",
    "83920174",
  ])("%p is taken", (password) => {
    expect(passwordFault(password)).toBeUndefined();
  });
});

describe("hashing", () => {
  const hasher = new PasswordHasher();

  test("is argon2id with 19 MiB and two passes, and matches only the same password", async () => {
    const hash = await hasher.hash("a quiet harbour at dawn");
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,/);
    expect(await hasher.matches("a quiet harbour at dawn", hash)).toBe(true);
    expect(await hasher.matches("a quiet harbour at dusk", hash)).toBe(false);
    expect(await hasher.matches("", hash)).toBe(false);
    expect(await hasher.matches("x".repeat(1_000_000), hash)).toBe(false);
  });

  test("refuses what would wait too long, and goes on afterwards", async () => {
    const hash = await hasher.hash("one");
    const tries = Array.from({ length: 30 }, () => codeOf(() => hasher.matches("two", hash)));
    const codes = await Promise.all(tries);
    expect(codes.filter((code) => code === undefined)).toHaveLength(18);
    expect(codes.filter((code) => code === "rate_limit_exceeded")).toHaveLength(12);
    expect(await hasher.matches("one", hash)).toBe(true);
  });
});
