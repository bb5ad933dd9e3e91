import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { listAudit, listSessions } from "../../src/store/index.ts";
import { accessWithPassword, codeOf, fillDisk, openOn, PASSWORD, refusal } from "./kit.ts";

const HOUR = 3_600_000;
const NEW_PASSWORD = "three geese over the fjord";

describe("a session", () => {
  test("is found by its token alone, survives a restart, and ends with logout", async () => {
    const { access, close, dataDir, clock } = accessWithPassword();
    const one = await access.login(PASSWORD, "192.0.2.1");
    const two = await access.login(PASSWORD, "192.0.2.2");
    expect(one.token).not.toBe(two.token);
    close();
    const again = openOn(dataDir, clock);
    expect(again.access.findSession(one.token)?.id).toBe(one.session.id);
    expect(again.access.logout(one.token)).toBe(true);
    expect(again.access.logout(one.token)).toBe(false);
    expect(again.access.findSession(one.token)).toBeUndefined();
    expect(again.access.findSession(two.token)?.id).toBe(two.session.id);
    again.close();
    const third = openOn(dataDir, clock);
    expect(third.access.listSessions().map((session) => session.id)).toEqual([two.session.id]);
    third.close();
  });

  test("its token stands nowhere on the disk", async () => {
    const { access, store, close, dataDir } = accessWithPassword();
    const { token } = await access.login(PASSWORD, "192.0.2.1");
    const [secret = ""] = token.split(".");
    expect(Buffer.from(secret, "base64url").length).toBe(32);
    store.files.config.run("PRAGMA wal_checkpoint(TRUNCATE)");
    const bytes = readFileSync(join(dataDir, "omniroute.sqlite"));
    expect(bytes.includes(secret)).toBe(false);
    expect(bytes.includes(PASSWORD)).toBe(false);
    close();
  });

  test("a token that was tampered with or made up is none", async () => {
    const { access, close } = accessWithPassword();
    const { token } = await access.login(PASSWORD, "192.0.2.1");
    const [secret = "", signature = ""] = token.split(".");
    const other = await access.login(PASSWORD, "192.0.2.1");
    const forged = [
      undefined,
      "",
      ".",
      secret,
      `${secret}.`,
      `.${signature}`,
      `${secret}.${signature.slice(0, -1)}`,
      `${secret}.${other.token.split(".")[1]}`,
      `A${token.slice(1)}`,
      "eyJhbGciOiJub25lIn0.eyJhdXRoZW50aWNhdGVkIjp0cnVlfQ.",
      "x".repeat(100_000),
    ];
    expect(forged.map((text) => access.findSession(text))).toEqual(forged.map(() => undefined));
    close();
  });

  test("tokens signed with another secret are none", async () => {
    const { access, close, dataDir, clock } = accessWithPassword();
    const { token } = await access.login(PASSWORD, "192.0.2.1");
    close();
    const again = openOn(dataDir, clock, { secrets: { jwt: "Qm3x8Vt1Zk6Ls0Wd5Yp2Rb7" } });
    expect(again.access.findSession(token)).toBeUndefined();
    again.close();
  });

  test("ends after a day without use, and after a week in any case", async () => {
    const { access, close, clock } = accessWithPassword();
    const idle = await access.login(PASSWORD, "192.0.2.1");
    const busy = await access.login(PASSWORD, "192.0.2.1");
    for (let hours = 0; hours < 7 * 24; hours += 12) {
      expect([hours, access.findSession(busy.token)?.id]).toEqual([hours, busy.session.id]);
      clock.advance(12 * HOUR);
    }
    expect(access.findSession(idle.token)).toBeUndefined();
    clock.advance(1);
    expect(access.findSession(busy.token)).toBeUndefined();
    expect(access.listSessions()).toEqual([]);
    close();
  });

  test("begun while the clock stood far ahead does not outlive the clock's return", async () => {
    const { access, close, clock } = accessWithPassword();
    clock.jump(400 * 24 * HOUR);
    const { token } = await access.login(PASSWORD, "192.0.2.1");
    expect(access.findSession(token)).toBeDefined();
    clock.jump(-400 * 24 * HOUR);
    expect(access.findSession(token)).toBeUndefined();
    close();
  });

  test("its last use is written once a minute at most, and when all is closed", async () => {
    const { access, store, close, clock, dataDir } = accessWithPassword();
    const { token } = await access.login(PASSWORD, "192.0.2.1");
    const written = () => listSessions(store)[0]!.lastSeenAt;
    const begun = written();
    clock.advance(10_000);
    access.findSession(token);
    expect(written()).toBe(begun);
    clock.advance(50_000);
    expect(written()).toBe(begun + 10_000);
    access.findSession(token);
    close();
    const again = openOn(dataDir, clock);
    expect(again.access.listSessions()[0]!.lastSeenAt).toBe(begun + 60_000);
    again.close();
  });

  test("can be listed and ended by id", async () => {
    const { access, close } = accessWithPassword();
    const { token, session } = await access.login(PASSWORD, "192.0.2.1");
    expect(access.listSessions()).toEqual([session]);
    expect(Object.keys(session).sort()).toEqual(["createdAt", "id", "lastSeenAt", "peer"]);
    expect(access.endSession("nobody")).toBe(false);
    expect(access.endSession(session.id)).toBe(true);
    expect(access.findSession(token)).toBeUndefined();
    close();
  });

  test("begins and ends also while the disk is full; what ended does not come back", async () => {
    const { access, store, close, clock, dataDir } = accessWithPassword();
    const before = await access.login(PASSWORD, "192.0.2.1");
    const undo = fillDisk(store);
    const during = await access.login(PASSWORD, "192.0.2.1");
    expect(access.findSession(during.token)?.id).toBe(during.session.id);
    expect(access.logout(before.token)).toBe(true);
    expect(access.findSession(before.token)).toBeUndefined();
    expect(await codeOf(() => access.resetPassword(NEW_PASSWORD))).toBe("storage_full");
    expect(await codeOf(() => access.createKey({ name: "x" }))).toBe("storage_full");
    undo();
    clock.advance(60_000);
    close();
    const again = openOn(dataDir, clock);
    expect(again.access.findSession(before.token)).toBeUndefined();
    again.close();
  });
});

describe("a new password", () => {
  test("ends all sessions but the one it was set from", async () => {
    const { access, close, store } = accessWithPassword();
    const mine = await access.login(PASSWORD, "192.0.2.1");
    const other = await access.login(PASSWORD, "192.0.2.2");
    await access.changePassword(PASSWORD, NEW_PASSWORD, mine.token);
    expect(access.findSession(mine.token)?.id).toBe(mine.session.id);
    expect(access.findSession(other.token)).toBeUndefined();
    expect(await codeOf(() => access.login(PASSWORD, "192.0.2.3"))).toBe("login_required");
    await access.login(NEW_PASSWORD, "192.0.2.3");
    expect(listAudit(store, { action: "password.change" })).toMatchObject([
      { result: "ok", ip: "192.0.2.1" },
    ]);
    close();
  });

  test("needs the current one, and must be a good one", async () => {
    const { access, close } = accessWithPassword();
    const { token } = await access.login(PASSWORD, "192.0.2.1");
    const wrong = await refusal(() => access.changePassword("not it", NEW_PASSWORD, token));
    expect([wrong?.code, wrong?.param]).toEqual(["bad_request", "currentPassword"]);
    const weak = await refusal(() => access.changePassword(PASSWORD, "12345678", token));
    expect([weak?.code, weak?.param]).toEqual(["bad_request", "newPassword"]);
    await access.login(PASSWORD, "192.0.2.1");
    close();
  });

  test("set by the owner needs none, ends all sessions and lifts all locks", async () => {
    const { access, close } = accessWithPassword();
    const { token } = await access.login(PASSWORD, "192.0.2.1");
    for (let index = 0; index < 5; index++) await codeOf(() => access.login("wrong", "192.0.2.9"));
    expect(access.listLocks()).toHaveLength(1);
    await access.resetPassword(NEW_PASSWORD);
    expect(access.findSession(token)).toBeUndefined();
    expect(access.listLocks()).toEqual([]);
    await access.login(NEW_PASSWORD, "192.0.2.9");
    close();
  });

  test("a change that was under way does not undo what the owner set meanwhile", async () => {
    const { access, close } = accessWithPassword();
    const { token } = await access.login(PASSWORD, "192.0.2.1");
    const change = codeOf(() => access.changePassword(PASSWORD, "another good phrase", token));
    await access.resetPassword(NEW_PASSWORD);
    expect(await change).toBe("conflict");
    await access.login(NEW_PASSWORD, "192.0.2.9");
    close();
  });

  test("set by the owner also does the set-up", async () => {
    const { access, close } = accessWithPassword({ initialPassword: undefined });
    await access.resetPassword(NEW_PASSWORD);
    expect(access.needsSetup()).toBe(false);
    close();
  });
});

describe("the throttle", () => {
  test("locks one address out for 15 minutes after 5 wrong tries, also with the right password", async () => {
    const { access, close, clock } = accessWithPassword();
    const session = await access.login(PASSWORD, "192.0.2.9");
    for (let index = 0; index < 5; index++) {
      expect(await codeOf(() => access.login("wrong", "192.0.2.9"))).toBe("login_required");
    }
    const error = await refusal(() => access.login(PASSWORD, "192.0.2.9"));
    expect([error?.status, error?.retryAfterMs]).toEqual([429, 15 * 60_000]);
    expect(access.listLocks()).toEqual([{ peer: "192.0.2.9", until: clock.now() + 15 * 60_000 }]);
    await access.login(PASSWORD, "192.0.2.10");
    expect(access.findSession(session.token)).toBeDefined();
    clock.advance(15 * 60_000 - 1);
    expect(await codeOf(() => access.login(PASSWORD, "192.0.2.9"))).toBe("rate_limit_exceeded");
    clock.advance(1);
    await access.login(PASSWORD, "192.0.2.9");
    close();
  });

  test("forgets wrong tries after 5 minutes, or with a right one", async () => {
    const { access, close, clock } = accessWithPassword();
    const wrong = async (times: number) => {
      for (let index = 0; index < times; index++) await codeOf(() => access.login("wrong", "192.0.2.9"));
    };
    await wrong(4);
    clock.advance(5 * 60_000);
    await wrong(4);
    await access.login(PASSWORD, "192.0.2.9");
    await wrong(4);
    expect(access.listLocks()).toEqual([]);
    close();
  });

  test("a hundred guesses at once get five tries", async () => {
    const { access, close } = accessWithPassword();
    const codes = await Promise.all(
      Array.from({ length: 100 }, (_, index) => codeOf(() => access.login(`guess ${index}`, "192.0.2.9"))),
    );
    expect(codes.filter((code) => code === "login_required")).toHaveLength(5);
    expect(codes.filter((code) => code === "rate_limit_exceeded")).toHaveLength(95);
    close();
  });

  test.each([
    ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true],
    ["2001:db8:1:2::1", "2001:0db8:0001:0002:0:0:0:7", true],
    ["2001:db8:1:2::1", "2001:db8:1:3::1", false],
    ["::1", "::2", true],
    ["192.0.2.1", "::ffff:192.0.2.1", true],
    ["192.0.2.1", "192.0.2.2", false],
    ["fe80::1%eth0", "fe80::2%eth1", true],
  ])("%s and %s are one peer: %p", async (one, two, same) => {
    const { access, close } = accessWithPassword();
    for (let index = 0; index < 5; index++) await codeOf(() => access.login("wrong", one));
    expect(await codeOf(() => access.login(PASSWORD, two))).toBe(same ? "rate_limit_exceeded" : undefined);
    close();
  });

  test("a lock can be lifted, under either way of writing the address", async () => {
    const { access, close } = accessWithPassword();
    for (let index = 0; index < 5; index++) await codeOf(() => access.login("wrong", "2001:db8::1"));
    const [lock] = access.listLocks();
    expect(access.unlock("192.0.2.1")).toBe(false);
    expect(access.unlock(lock!.peer)).toBe(true);
    await access.login(PASSWORD, "2001:db8::1");
    close();
  });

  test("a clock that is set forward or back does not shorten or lengthen the wait", async () => {
    const { access, close, clock } = accessWithPassword();
    for (let index = 0; index < 5; index++) await codeOf(() => access.login("wrong", "192.0.2.9"));
    clock.jump(400 * 24 * HOUR);
    expect(await codeOf(() => access.login(PASSWORD, "192.0.2.9"))).toBe("rate_limit_exceeded");
    clock.jump(-800 * 24 * HOUR);
    clock.advance(15 * 60_000);
    await access.login(PASSWORD, "192.0.2.9");
    close();
  });
});
