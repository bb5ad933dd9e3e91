import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { KeyInput } from "../../src/core/key.ts";
import { listKeys, openStore, saveKey } from "../../src/store/index.ts";
import { codeOf, freshAccess, openOn, refusal } from "./kit.ts";

const DAY = 86_400_000;

describe("a client key", () => {
  test("is told once, found at once, and stands nowhere on the disk", () => {
    const { access, store, close, dataDir, clock } = freshAccess();
    const { key, record } = access.createKey({ name: " laptop " });
    expect(key).toMatch(/^sk-omni-[A-Za-z0-9_-]{43}$/);
    expect(record).toMatchObject({
      name: "laptop",
      masked: `${key.slice(0, 12)}…${key.slice(-4)}`,
      scopes: ["inference"],
      noLog: false,
      createdAt: clock.now(),
    });
    expect(access.findCaller(key)).toEqual({ keyId: record.id, name: "laptop", key: record });
    store.files.config.run("PRAGMA wal_checkpoint(TRUNCATE)");
    for (const name of readdirSync(dataDir)) {
      if (name === "backups" || name === "lock") continue;
      expect([name, readFileSync(join(dataDir, name)).includes(key.slice(8))]).toEqual([name, false]);
    }
    close();
    const again = openOn(dataDir, clock);
    expect(again.access.findCaller(key)).toMatchObject({ keyId: record.id });
    again.close();
  });

  test.each([undefined, "", "sk-omni-", "sk-1234", "' OR 1=1 --", "x".repeat(100_000), "\u0000"])(
    "%p is unknown",
    (presented) => {
      const { access, close } = freshAccess();
      access.createKey({ name: "x" });
      expect(access.findCaller(presented)).toBe("unknown");
      close();
    },
  );

  test("a near miss is unknown, and five keys are five different ones", () => {
    const { access, close } = freshAccess();
    const keys = Array.from({ length: 5 }, (_, index) => access.createKey({ name: `k${index}` }).key);
    expect(new Set(keys).size).toBe(5);
    const last = keys[0]!.at(-1) === "A" ? "B" : "A";
    expect(access.findCaller(keys[0]!.slice(0, -1) + last)).toBe("unknown");
    close();
  });

  test("revoked: refused at once, and it stays in the list", async () => {
    const { access, close, clock } = freshAccess();
    const { key, record } = access.createKey({ name: "x" });
    expect(access.revokeKey(record.id).revokedAt).toBe(clock.now());
    expect(access.findCaller(key)).toBe("revoked");
    clock.advance(5);
    expect(access.revokeKey(record.id).revokedAt).toBe(clock.now() - 5);
    expect(access.listKeys()).toHaveLength(1);
    expect(await codeOf(() => access.rotateKey(record.id))).toBe("conflict");
    expect(await codeOf(() => access.revokeKey("nobody"))).toBe("not_found");
    close();
  });

  test("expires at its time, given as a date or a number", () => {
    const { access, close, clock } = freshAccess();
    const end = clock.now() + DAY;
    const byDate = access.createKey({ name: "a", expiresAt: new Date(end).toISOString() });
    const byNumber = access.createKey({ name: "b", expiresAt: end });
    expect([byDate.record.expiresAt, byNumber.record.expiresAt]).toEqual([end, end]);
    clock.advance(DAY - 1);
    expect(access.findCaller(byDate.key)).toMatchObject({ name: "a" });
    clock.advance(1);
    expect([access.findCaller(byDate.key), access.findCaller(byNumber.key)]).toEqual(["expired", "expired"]);
    access.updateKey(byDate.record.id, { expiresAt: null });
    expect(access.findCaller(byDate.key)).toMatchObject({ name: "a" });
    close();
  });

  test("rotated: both work in the grace time, then only the new one; the id stays", () => {
    const { access, close, clock } = freshAccess();
    const first = access.createKey({ name: "x", scopes: ["inference", "metrics"] });
    const second = access.rotateKey(first.record.id, 60);
    clock.advance(30_000);
    const third = access.rotateKey(first.record.id, 60);
    expect(third.record).toMatchObject({ id: first.record.id, scopes: ["inference", "metrics"] });
    const found = () =>
      [first, second, third].map(({ key }) => {
        const caller = access.findCaller(key);
        return typeof caller === "string" ? caller : caller.keyId;
      });
    const { id } = first.record;
    expect(found()).toEqual([id, id, id]);
    clock.advance(30_000);
    expect(found()).toEqual(["expired", id, id]);
    clock.advance(30_000);
    expect(found()).toEqual(["expired", "expired", id]);
    access.revokeKey(id);
    expect(found()).toEqual(["revoked", "revoked", "revoked"]);
    close();
  });

  test("rotated without grace: the old one ends at once", () => {
    const { access, close } = freshAccess();
    const first = access.createKey({ name: "x" });
    const second = access.rotateKey(first.record.id);
    expect(access.findCaller(first.key)).toBe("expired");
    expect(access.findCaller(second.key)).toMatchObject({ name: "x" });
    close();
  });

  test.each<[unknown, string, string]>([
    [{ name: "" }, "name", "name: must not be empty"],
    [{ name: "x".repeat(101) }, "name", "name: must have at most 100 characters"],
    [{ name: "x", scopes: [] }, "scopes", "scopes: must not be empty"],
    [{ name: "x", scopes: ["root"] }, "scopes.0", "scopes.0: must be"],
  ])("%j is refused, naming the field", async (input, field, words) => {
    const { access, close } = freshAccess();
    const error = await refusal(() => access.createKey(input as KeyInput));
    expect([error?.code, error?.message]).toEqual(["bad_request", expect.stringContaining(words)]);
    expect(error?.details?.[0]?.field).toBe(field);
    close();
  });

  test.each([-1, 604_801, 1.5, Number.NaN])("a grace time of %p is refused", async (graceSeconds) => {
    const { access, close } = freshAccess();
    const { record } = access.createKey({ name: "x" });
    expect(await codeOf(() => access.rotateKey(record.id, graceSeconds))).toBe("bad_request");
    close();
  });

  test("an end that is no date is refused", async () => {
    const { access, close } = freshAccess();
    expect((await refusal(() => access.createKey({ name: "x", expiresAt: "soon" })))?.param).toBe(
      "expiresAt",
    );
    close();
  });

  test("changes count on the next call", () => {
    const { access, close } = freshAccess();
    const { key, record } = access.createKey({ name: "x" });
    access.updateKey(record.id, { name: "y", noLog: true, scopes: ["admin"] });
    expect(access.findCaller(key)).toMatchObject({ name: "y", key: { noLog: true, scopes: ["admin"] } });
    close();
  });

  test("its last use shows at once, and is written once a minute and at the end", () => {
    const { access, store, close, clock, dataDir } = freshAccess();
    const { key, record } = access.createKey({ name: "x" });
    clock.advance(1000);
    access.findCaller(key);
    const used = clock.now();
    expect(access.listKeys()[0]!.lastUsedAt).toBe(used);
    expect(listKeys(store)[0]!.lastUsedAt).toBeUndefined();
    clock.advance(60_000);
    expect(listKeys(store)[0]!.lastUsedAt).toBe(used);
    access.findCaller(key);
    access.updateKey(record.id, { name: "z" });
    expect(access.listKeys()[0]!.lastUsedAt).toBe(clock.now());
    access.findCaller(key);
    close();
    const after = openStore({ dataDir, clock, version: "1.2.0" });
    expect(listKeys(after)[0]!.lastUsedAt).toBe(clock.now());
    after.close();
  });

  test("one that somebody else saved is known without a restart", () => {
    const { access, store, close } = freshAccess();
    const { key, record } = access.createKey({ name: "x" });
    saveKey(store, { ...record, revokedAt: 1 });
    expect(access.findCaller(key)).toBe("revoked");
    close();
  });
});

describe("the secret of the keys", () => {
  const OWN = { apiKey: "Qm3x8Vt1Zk6Ls0Wd5Yp2Rb7" };

  test.each(["endpoint-proxy-api-key-secret", "tooshort"])("%p is not used, and that is said", (apiKey) => {
    const { access, close, dataDir, clock } = freshAccess({ secrets: { apiKey } });
    expect(access.warnings.join()).toContain("API_KEY_SECRET");
    const { key } = access.createKey({ name: "x" });
    close();
    const again = openOn(dataDir, clock);
    expect(again.access.findCaller(key)).toMatchObject({ name: "x" });
    expect(again.access.warnings).toEqual([]);
    again.close();
  });

  test("changed: the keys are unknown, that is said, and putting it back mends it", () => {
    const { access, close, dataDir, clock } = freshAccess();
    const { key } = access.createKey({ name: "x" });
    close();
    const changed = openOn(dataDir, clock, { secrets: OWN });
    expect(changed.access.findCaller(key)).toBe("unknown");
    expect(changed.access.warnings.join()).toContain("API_KEY_SECRET is not the secret");
    changed.close();
    const back = openOn(dataDir, clock);
    expect(back.access.findCaller(key)).toMatchObject({ name: "x" });
    expect(back.access.warnings).toEqual([]);
    back.close();
  });

  test("given by the environment is used", () => {
    const { access, close, dataDir, clock } = freshAccess({ secrets: OWN });
    const { key } = access.createKey({ name: "x" });
    close();
    const again = openOn(dataDir, clock, { secrets: OWN });
    expect(again.access.findCaller(key)).toMatchObject({ name: "x" });
    again.close();
  });
});

test.each([
  [undefined, "127.0.0.1", false],
  [undefined, "::1", false],
  [undefined, "localhost", false],
  [undefined, "0.0.0.0", true],
  [undefined, "192.168.1.5", true],
  [true, "127.0.0.1", true],
  [false, "0.0.0.0", false],
])("REQUIRE_API_KEY %p on %s: a key is required: %p", (requireApiKey, host, required) => {
  const { access, close } = freshAccess({ requireApiKey, host });
  expect(access.keyRequired()).toBe(required);
  close();
});

describe("the owner's token", () => {
  test("is in a private file, new at each start, gone at the end", () => {
    const { access, close, dataDir, clock } = freshAccess();
    const path = join(dataDir, "cli-token");
    const token = readFileSync(path, "utf8");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(token.length).toBe(43);
    expect([token, `${token} `, "", undefined].map((text) => access.isOwnerToken(text))).toEqual([
      true,
      false,
      false,
      false,
    ]);
    close();
    expect(existsSync(path)).toBe(false);
    const again = openOn(dataDir, clock);
    expect(again.access.isOwnerToken(token)).toBe(false);
    expect(again.access.isOwnerToken(readFileSync(path, "utf8"))).toBe(true);
    again.close();
  });
});
