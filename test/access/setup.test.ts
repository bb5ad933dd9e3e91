import { describe, expect, test } from "bun:test";
import { listAudit, patchSettings } from "../../src/store/index.ts";
import { codeOf, freshAccess, openOn, PASSWORD, refusal } from "./kit.ts";

const setup = { password: PASSWORD, loopback: false, peer: "192.0.2.1" };

describe("the first start", () => {
  test("is open until a password is chosen with the token, which then works no more", async () => {
    const { access, close, dataDir, clock, store } = freshAccess();
    expect(access.needsSetup()).toBe(true);
    const token = access.setupToken()!;
    expect(token.length).toBeGreaterThanOrEqual(22);
    expect(await codeOf(() => access.login(PASSWORD, "192.0.2.1"))).toBe("setup_required");

    const login = await access.completeSetup({ ...setup, token });
    expect(access.findSession(login.token)).toEqual(login.session);
    expect([access.needsSetup(), access.setupToken()]).toEqual([false, undefined]);
    expect(await codeOf(() => access.completeSetup({ ...setup, token }))).toBe("conflict");
    expect(await codeOf(() => access.newSetupToken())).toBe("conflict");
    expect(listAudit(store)).toMatchObject([{ action: "setup", ip: "192.0.2.1", result: "ok" }]);
    close();

    const again = openOn(dataDir, clock);
    expect(again.access.needsSetup()).toBe(false);
    expect((await again.access.login(PASSWORD, "192.0.2.1")).session.peer).toBe("192.0.2.1");
    again.close();
  });

  test("makes a new token each time, and on request", () => {
    const { access, close, dataDir, clock } = freshAccess();
    const first = access.setupToken();
    const second = access.newSetupToken();
    expect(second).not.toBe(first!);
    expect(access.setupToken()).toBe(second);
    close();
    const again = openOn(dataDir, clock);
    expect([first, second]).not.toContain(again.access.setupToken());
    again.close();
  });

  test.each([
    ["a wrong token", { token: "nonsense" }, "127.0.0.1", "forbidden"],
    ["no token, from elsewhere", {}, "127.0.0.1", "forbidden"],
    ["no token, from this machine, on a loopback bind", { loopback: true }, "127.0.0.1", undefined],
    ["no token, from this machine, on an open bind", { loopback: true }, "0.0.0.0", "forbidden"],
    ["a wrong token, from this machine", { token: "nonsense", loopback: true }, "127.0.0.1", "forbidden"],
  ])("with %s", async (_, input, host, expected) => {
    const { access, close } = freshAccess({ host });
    expect(await codeOf(() => access.completeSetup({ ...setup, ...input }))).toBe(expected);
    expect(access.needsSetup()).toBe(expected !== undefined);
    close();
  });

  test("refuses a weak password, and the token goes on working", async () => {
    const { access, close } = freshAccess();
    const token = access.setupToken()!;
    const error = await refusal(() => access.completeSetup({ ...setup, token, password: "12345678" }));
    expect([error?.code, error?.param]).toEqual(["bad_request", "password"]);
    await access.completeSetup({ ...setup, token });
    close();
  });

  test("throttles guesses of the token", async () => {
    const { access, close, clock } = freshAccess();
    const token = access.setupToken()!;
    for (let index = 0; index < 5; index++) {
      expect(await codeOf(() => access.completeSetup({ ...setup, token: `guess${index}` }))).toBe(
        "forbidden",
      );
    }
    expect(await codeOf(() => access.completeSetup({ ...setup, token }))).toBe("rate_limit_exceeded");
    clock.advance(15 * 60_000);
    await access.completeSetup({ ...setup, token });
    close();
  });

  test("two set-ups at once: one wins", async () => {
    const { access, close } = freshAccess();
    const token = access.setupToken()!;
    const codes = await Promise.all(
      [1, 2].map(() => codeOf(() => access.completeSetup({ ...setup, token }))),
    );
    expect(codes).toContain("conflict");
    expect(codes).toContain(undefined);
    close();
  });
});

describe("INITIAL_PASSWORD", () => {
  test("counts as set-up, and is ignored once a password is stored", async () => {
    const { access, close, dataDir, clock } = freshAccess({ initialPassword: PASSWORD });
    expect(access.needsSetup()).toBe(false);
    await access.login(PASSWORD, "::1");
    close();
    const again = openOn(dataDir, clock, { initialPassword: "another good sentence" });
    expect(await codeOf(() => again.access.login("another good sentence", "::1"))).toBe("login_required");
    await again.access.login(PASSWORD, "::1");
    again.close();
  });

  test.each(["123456", "CHANGEME", "short", "password1"])(
    "%p counts as unset, and that is said",
    (initialPassword) => {
      const { access, close } = freshAccess({ initialPassword });
      expect(access.needsSetup()).toBe(true);
      const said = access.warnings.join("\n");
      expect(said).toContain("INITIAL_PASSWORD");
      expect(said).not.toContain(`"${initialPassword}"`);
      close();
    },
  );

  test("empty is the same as unset, without a word", () => {
    const { access, close } = freshAccess({ initialPassword: "" });
    expect(access.needsSetup()).toBe(true);
    expect(access.warnings).toEqual([]);
    close();
  });
});

describe("the switch for no login", () => {
  test.each([
    ["127.0.0.1", true, true],
    ["127.0.0.1", false, false],
    ["0.0.0.0", false, true],
  ])("on %s with requireLogin %p: required is %p", (host, requireLogin, required) => {
    const { store, close, dataDir, clock } = freshAccess({ host });
    patchSettings(store, { requireLogin });
    close();
    const again = openOn(dataDir, clock, { host });
    expect(again.access.loginRequired()).toBe(required);
    expect(again.access.warnings.join().includes("no login")).toBe(required && !requireLogin);
    again.close();
  });
});
