import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { readServerFile, writeServerFile } from "../../src/cli/server-file.ts";
import { runCli } from "../../src/cli/program.ts";
import type { CliContext } from "../../src/cli/context.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { freshDirectory } from "../kit/data-dir.ts";
import { startGateway, type TestGateway } from "../kit/gateway.ts";
import { type OAuthServer, startOAuthServer } from "../kit/oauth-server.ts";
import { closedPort } from "../kit/upstream.ts";

let vendor: OAuthServer;
beforeEach(() => {
  vendor = startOAuthServer();
});
afterEach(() => vendor.stop());

/** A person at a terminal: sees what is printed, and may type something into the box. */
function terminal(
  words: string[],
  env: { [name: string]: string },
  type: (printed: string) => Promise<string>,
) {
  let out = "";
  let err = "";
  const context: CliContext = {
    env: { HOME: "/nowhere", ...env },
    hostName: "box",
    out: { write: (text) => void (out += text), isTerminal: false, columns: 100 },
    err: { write: (text) => void (err += text), isTerminal: false, columns: 100 },
    clock: systemClock,
    readSecret: (_question, signal) =>
      Promise.race([
        type(err),
        new Promise<string>((resolve) => signal?.addEventListener("abort", () => resolve(""))),
      ]),
    loadServer: () => Promise.reject(new Error("No test of commands starts a server.")),
  };
  const done = runCli(words, context).then((code) => ({ code, out, err }));
  return { done, printed: () => err };
}
const nothing = () => new Promise<string>(() => {});
async function seen(printed: () => string, pattern: RegExp): Promise<string> {
  for (let tries = 0; tries < 600; tries++) {
    const found = pattern.exec(printed())?.[1];
    if (found !== undefined) return found;
    await Bun.sleep(10);
  }
  throw new Error(`Nothing like ${pattern} was printed:\n${printed()}`);
}

describe("without a running server", () => {
  const env = (...prefixes: string[]) => ({ DATA_DIR: freshDirectory(), ...vendor.settings(...prefixes) });

  test("a code is shown, typed elsewhere, and waited for", async () => {
    const { done, printed } = terminal(["login", "kimi-coding"], env("KIMI_CODING"), nothing);
    const code = await seen(printed, /type the code {2}(\S+)/);
    expect(printed()).toContain(`${vendor.url}/verify`);
    vendor.approve(code);
    const { code: exit, out, err } = await done;
    expect([exit, out]).toEqual([
      0,
      expect.stringMatching(/^Signed in: Kimi Code \(kimi-coding, connection [0-9a-f-]+\)\n$/),
    ]);
    expect(out + err).not.toMatch(/access-\d|refresh-\d|device-\d/);
  }, 20_000);

  test.each([
    ["codex", "CODEX", []],
    ["github", "GITHUB", []],
    ["kilocode", "KILOCODE", []],
    ["kiro", "KIRO", ["--region", "eu-central-1", "--start-url", "https://d-1234567890.awsapps.com/start"]],
  ])(
    "a code for %s",
    async (provider, prefix, more) => {
      const { done, printed } = terminal(["login", provider, ...more], env(prefix), nothing);
      vendor.approve(await seen(printed, /type the code {2}(\S+)/));
      expect((await done).code).toBe(0);
    },
    20_000,
  );

  test.each([
    ["claude", "CLAUDE", ["--accept-terms"]],
    ["codex", "CODEX", ["--browser"]],
    ["openai", "OPENAI", []],
    ["cline", "CLINE", []],
    ["gemini-cli", "GEMINI_CLI", ["--accept-terms"]],
    ["antigravity", "ANTIGRAVITY", ["--accept-terms"]],
    ["kiro", "KIRO", ["--with", "google"]],
  ])(
    "a pasted address for %s",
    async (provider, prefix, more) => {
      vendor.rules.clientSecret = /GEMINI|ANTIGRAVITY/.test(prefix) ? "operators-secret" : undefined;
      const { done } = terminal(["login", provider, ...more], env(prefix), async (printed) =>
        vendor.visit(/(http:\/\/127\S+)/.exec(printed)![1]!),
      );
      const { code, err } = await done;
      expect([code, err]).toEqual([0, expect.not.stringContaining("Error")]);
    },
    20_000,
  );

  test("an address is pasted", async () => {
    const { done } = terminal(["login", "openrouter", "--json"], env("OPENROUTER"), async (printed) =>
      vendor.visit(/(http:\/\/127\S+)/.exec(printed)![1]!),
    );
    const { code, out } = await done;
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ success: true, connection: { provider: "openrouter" } });
  }, 20_000);

  test("a wrong paste may be mended", async () => {
    let tries = 0;
    const { done, printed } = terminal(["login", "openrouter"], env("OPENROUTER"), async (text) =>
      tries++ === 0 ? "not an answer at all" : vendor.visit(/(http:\/\/127\S+)/.exec(text)![1]!),
    );
    expect((await done).code).toBe(0);
    expect(printed()).toContain("This holds no code.");
  }, 20_000);

  test("the browser comes back by itself", async () => {
    const place = `http://127.0.0.1:${await closedPort()}/auth/callback`;
    const { done, printed } = terminal(
      ["login", "openai"],
      { ...env("OPENAI"), OPENAI_OAUTH_REDIRECT_URI: place },
      nothing,
    );
    const address = await seen(printed, /(http:\/\/127\S+authorize\S+)/);
    const answer = await fetch(await vendor.visit(address), { redirect: "manual" });
    expect(answer.status).toBe(303);
    expect(await done).toMatchObject({ code: 0, out: expect.stringContaining("person@example.org") });
  }, 20_000);

  test("a refusal at the vendor is told", async () => {
    const { done, printed } = terminal(["login", "kimi-coding"], env("KIMI_CODING"), nothing);
    vendor.deny(await seen(printed, /type the code {2}(\S+)/));
    expect(await done).toMatchObject({ code: 1, err: expect.stringContaining("access_denied") });
  }, 20_000);

  test("what has to be set first is told with how to come by it", async () => {
    const { done } = terminal(["login", "gemini-cli"], { DATA_DIR: freshDirectory() }, nothing);
    const { code, err } = await done;
    expect(code).toBe(1);
    expect(err).toContain("GEMINI_CLI_OAUTH_CLIENT_ID and GEMINI_CLI_OAUTH_CLIENT_SECRET");
    expect(err).toContain("https://console.cloud.google.com/apis/credentials");
  });

  test("a vendor's rule is printed, and has to be accepted", async () => {
    const settings = env("CLAUDE");
    const refused = await terminal(["login", "claude"], settings, nothing).done;
    expect(refused.code).toBe(1);
    expect(refused.err).toContain("Anthropic's terms");
    const { done } = terminal(["login", "claude", "--accept-terms"], settings, async (printed) =>
      vendor.visit(/(http:\/\/127\S+)/.exec(printed)![1]!),
    );
    expect((await done).code).toBe(0);
  }, 20_000);

  test("the providers are listed", async () => {
    const { out } = await terminal(["login"], env("CLAUDE"), nothing).done;
    expect(out).toMatch(/^claude +Claude \(Pro, Max\) +browser +0 +restricted +https:/m);
    expect(out).toMatch(/^github +GitHub Copilot +code +0 +works; set GITHUB_OAUTH_CLIENT_ID +https:/m);
    expect(out).toMatch(/^qwen .*shut-down +https:/m);
  });

  test.each([
    ["qwen", "2026-04-15"],
    ["nobody", "nobody"],
    ["groq", "API key"],
  ])("%s is refused", async (provider, words) => {
    const { done } = terminal(["login", provider], { DATA_DIR: freshDirectory() }, nothing);
    const { code, err } = await done;
    expect(code).toBe(1);
    expect(err).toContain(words);
  });
});

describe("with a running server", () => {
  let gateway: TestGateway;
  beforeEach(async () => {
    gateway = await startGateway({ oauth: vendor.settings("KIMI_CODING", "OPENROUTER") });
    writeServerFile(gateway.dataDir, {
      pid: process.pid,
      port: gateway.port,
      host: "127.0.0.1",
      startedAt: Date.now(),
      version: "0.0.0-test",
    });
    expect(readServerFile(gateway.dataDir)).toBeDefined();
  });
  afterEach(async () => {
    await gateway.stop();
    rmSync(gateway.dataDir, { recursive: true, force: true });
  });

  test("it does the same through it", async () => {
    const env = { DATA_DIR: gateway.dataDir };
    const byCode = terminal(["login", "kimi-coding"], env, nothing);
    vendor.approve(await seen(byCode.printed, /type the code {2}(\S+)/));
    expect((await byCode.done).code).toBe(0);
    let tries = 0;
    const byPaste = terminal(["login", "openrouter"], env, async (printed) =>
      tries++ === 0 ? "code=wrong&state=wrong" : vendor.visit(/(http:\/\/127\S+)/.exec(printed)![1]!),
    );
    expect((await byPaste.done).code).toBe(0);
    expect(byPaste.printed()).toContain("belongs to another sign-in");
    const providers = gateway.engine.manage.connections.list().map(({ provider }) => provider);
    expect(providers.toSorted()).toEqual(["kimi-coding", "openrouter"]);
    const refused = await terminal(["login", "qwen"], env, nothing).done;
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining("2026-04-15") });
  }, 30_000);

  test("the browser comes back to it", async () => {
    const { done, printed } = terminal(["login", "openrouter"], { DATA_DIR: gateway.dataDir }, nothing);
    const address = await seen(printed, /(http:\/\/127\S+openrouter\/auth\S+)/);
    const back = new URL(await vendor.visit(address));
    await fetch(gateway.url + back.pathname + back.search, { redirect: "manual" });
    expect((await done).code).toBe(0);
  }, 20_000);
});
