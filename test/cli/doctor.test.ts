import { expect, test } from "bun:test";
import { chmodSync, existsSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../src/lib/clock.ts";
import { openStore } from "../../src/store/index.ts";
import { fakeServer, NOW, run, temporaryDirectory } from "./kit.ts";

type Finding = { check: string; state: string; message: string; cure?: string };

async function diagnose(dataDir: string, env: Record<string, string> = {}) {
  const { code, out } = await run(["doctor", "--json", "--data-dir", dataDir], {
    env: { PORT: "0", ...env },
  });
  const { findings } = JSON.parse(out) as { findings: Finding[] };
  return { code, findings, of: (check: string) => findings.find((finding) => finding.check === check) };
}

function installation(dataDir: string): void {
  openStore({ dataDir, clock: { ...systemClock, now: () => NOW }, version: "1.0.0" }).close();
}

test("a fresh machine is in order", async () => {
  using directory = temporaryDirectory();
  const { code, findings } = await diagnose(join(directory.path, "none-yet"));
  expect(code).toBe(0);
  expect(findings.every((finding) => finding.state === "ok")).toBe(true);
  expect(existsSync(join(directory.path, "none-yet"))).toBe(false);
});

test("a used installation is in order", async () => {
  using directory = temporaryDirectory();
  installation(directory.path);
  const { of } = await diagnose(directory.path);
  expect(of("database")).toMatchObject({
    state: "ok",
    message: `${directory.path}/omniroute.sqlite is whole`,
  });
  expect(of("secrets")?.state).toBe("ok");
  expect(of("data directory")?.state).toBe("ok");
});

test("a damaged database is found, and its cure named", async () => {
  using directory = temporaryDirectory();
  installation(directory.path);
  truncateSync(join(directory.path, "omniroute.sqlite"), 5000);
  const { code, of } = await diagnose(directory.path);
  expect(code).toBe(1);
  expect(of("database")).toMatchObject({ state: "failure" });
  expect(of("database")?.cure).toBeString();
});

test("files that others may read are named", async () => {
  using directory = temporaryDirectory();
  installation(directory.path);
  chmodSync(join(directory.path, "secrets.json"), 0o644);
  const { of } = await diagnose(directory.path);
  expect(of("data directory")).toMatchObject({ state: "warning" });
  expect(of("data directory")?.message).toContain("secrets.json");
});

test("lost secrets, a proxy that is no address and an unknown name are found", async () => {
  using directory = temporaryDirectory();
  installation(directory.path);
  writeFileSync(join(directory.path, "secrets.json"), "{}");
  const { code, of } = await diagnose(directory.path, { HTTPS_PROXY: "proxy:x", OMNIROUTE_NONSENSE: "1" });
  expect(code).toBe(1);
  expect(of("secrets")?.state).toBe("failure");
  expect(of("proxies")?.state).toBe("failure");
  expect(of("settings")).toMatchObject({
    state: "warning",
    message: "OMNIROUTE_NONSENSE is not known and changes nothing.",
  });
});

test("a clock behind its own files is found", async () => {
  using directory = temporaryDirectory();
  installation(directory.path);
  const later = new Date(NOW + 400 * 86_400_000);
  utimesSync(join(directory.path, "omniroute.sqlite"), later, later);
  expect((await diagnose(directory.path)).of("clock")?.state).toBe("failure");
});

test("a taken port is found, with the process that holds it", async () => {
  using directory = temporaryDirectory();
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  try {
    const { code, of } = await diagnose(directory.path, { PORT: String(listener.port) });
    expect(code).toBe(1);
    expect(of("server")?.message).toContain(`holds port ${listener.port}`);
  } finally {
    listener.stop(true);
  }
});

test("with a server the connections that need care are named", async () => {
  using directory = temporaryDirectory();
  using _server = fakeServer(directory.path, {
    "GET /api/providers": {
      connections: [
        { id: "c1", name: "good", provider: "groq", status: "ready" },
        { id: "c2", name: "bad", provider: "openai", status: "failing", authType: "apikey" },
        { id: "c4", name: "ended", provider: "codex", status: "sign in again", authType: "oauth" },
        { id: "c5", name: "refused", provider: "groq", status: "sign in again", authType: "apikey" },
        { id: "c3", name: "resting", provider: "openai", status: "off", isActive: false },
      ],
    },
  });
  const { findings, of } = await diagnose(directory.path);
  expect(of("server")?.state).toBe("ok");
  expect(findings.filter((finding) => finding.check === "connections")).toEqual([
    { check: "connections", state: "ok", message: "4 of 5 active" },
    {
      check: "connections",
      state: "warning",
      message: "bad (openai): failing",
      cure: "omniroute provider test c2",
    },
    {
      check: "connections",
      state: "warning",
      message: "ended (codex): sign in again",
      cure: "omniroute login codex --connection c4",
    },
    {
      check: "connections",
      state: "warning",
      message: "refused (groq): sign in again",
      cure: "Give it a key that works, on its page of the dashboard.",
    },
  ]);
});
