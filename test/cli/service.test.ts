import { expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hasDesktop } from "../../src/cli/browser.ts";
import { nearest } from "../../src/cli/nearest.ts";
import { portOwner } from "../../src/cli/port-owner.ts";
import { serviceFor } from "../../src/cli/service.ts";
import { launchdList, systemUnit, userUnit, windowsTask } from "../../src/cli/service-files.ts";
import type { CliContext } from "../../src/cli/context.ts";
import { run, temporaryDirectory } from "./kit.ts";

const ROOT = join(import.meta.dir, "../..");
const COMMAND = { words: ["/usr/local/bin/omniroute", "serve", "--no-open"] };

test("the unit in the documents is the one the program writes", () => {
  expect(readFileSync(join(ROOT, "docs/omniroute.service"), "utf8")).toBe(systemUnit(COMMAND));
});

test("no unit forbids what the just-in-time compiler needs, and each gives running answers time to end", () => {
  for (const unit of [systemUnit(COMMAND), userUnit(COMMAND)]) {
    expect(unit).not.toContain("MemoryDenyWriteExecute");
    const seconds = Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1]);
    expect(seconds).toBeGreaterThan(30);
    expect(unit).toContain("UnsetEnvironment=BUN_OPTIONS BUN_BE_BUN");
    expect(unit).toContain("BUN_CONFIG_MAX_HTTP_REQUESTS=");
  }
});

test.skipIf(!Bun.which("systemd-analyze"))("systemd accepts the units", async () => {
  using directory = temporaryDirectory();
  const program = join(directory.path, "a program");
  writeFileSync(program, "#!/bin/sh\n", { mode: 0o755 });
  const path = join(directory.path, "omniroute.service");
  writeFileSync(path, systemUnit({ words: [program, "serve", "--data-dir", '/srv/50%/$a "b"'] }));
  const verify = Bun.spawnSync(["systemd-analyze", "verify", path]);
  expect(verify.stderr.toString()).toBe("");
  expect(verify.exitCode).toBe(0);
});

test("words with blanks, quotes and signs reach the program as they are", () => {
  const words = ["/opt/my apps/omniroute", '/srv/50%/$a "b"', "a\\b"];
  expect(systemUnit({ words })).toContain(
    'ExecStart="/opt/my apps/omniroute" "/srv/50%%/$$a \\"b\\"" "a\\\\b"\n',
  );
  expect(launchdList({ words: ["<&>"] }, "/log")).toContain("<string>&lt;&amp;&gt;</string>");
  expect(windowsTask({ words: ["C:\\x.exe", "serve", "--data-dir", "C:\\my data"] })).toContain(
    "<Arguments>serve --data-dir &quot;C:\\my data&quot;</Arguments>",
  );
});

const context = (env: Record<string, string>) => ({ env }) as unknown as CliContext;

test.each([
  ["linux", {}, "/home/ada/.config/systemd/user/omniroute.service"],
  ["darwin", {}, "/home/ada/Library/LaunchAgents/io.omniroute.server.plist"],
  ["darwin", { system: true }, "/Library/LaunchDaemons/io.omniroute.server.plist"],
  ["win32", {}, "/home/ada/AppData/Local/OmniRoute/service.xml"],
] as const)("on %s with %p the file is %s", (platform, flags, path) => {
  const service = serviceFor(context({ HOME: "/home/ada" }), { ...flags, dataDir: "/srv/data" }, platform);
  expect(service.path).toBe(path);
  expect(service.text).toContain("serve");
  expect(service.text).toContain("/srv/data");
});

test("a system service cannot run from a home directory, and says where to put the program", () => {
  expect(() => serviceFor(context({}), { dataDir: "/home/ada/data", system: true }, "linux")).toThrow(
    "cannot see",
  );
});

test("an unknown platform is told", () => {
  expect(() => serviceFor(context({}), {}, "sunos")).toThrow("no service manager");
});

test.skipIf(process.platform !== "linux")(
  "installing twice writes once; uninstalling takes the file and leaves the data",
  async () => {
    using directory = temporaryDirectory();
    // A manager that accepts everything stands first on the path.
    const bin = join(directory.path, "bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "systemctl"), "#!/bin/sh\nexit 0\n", { mode: 0o755 });
    const data = join(directory.path, "data");
    mkdirSync(data);
    const env = { HOME: directory.path, PATH: bin };
    const path = join(directory.path, ".config/systemd/user/omniroute.service");
    const install = ["service", "install", "--data-dir", data];
    expect(await run(install, { env })).toMatchObject({ code: 0, out: `Wrote ${path}\n` });
    expect(await run(install, { env })).toMatchObject({ code: 0, out: `Already installed: ${path}\n` });
    expect(readFileSync(path, "utf8")).toContain(`--data-dir ${data}`);
    const status = await run(["service", "status", "--json"], { env });
    expect(JSON.parse(status.out)).toEqual({ installed: true, running: true, path });
    expect((await run(["service", "uninstall"], { env })).code).toBe(0);
    expect([existsSync(path), existsSync(data)]).toEqual([false, true]);
    expect((await run(["service", "uninstall"], { env })).out).toContain("Not installed");
  },
);

test.skipIf(process.platform !== "linux")("without a service manager the steps left are shown", async () => {
  using directory = temporaryDirectory();
  const env = { HOME: directory.path, PATH: directory.path };
  const { code, err } = await run(["service", "install"], { env });
  expect(code).toBe(1);
  expect(err).toContain("there is no systemctl here");
  expect(err).toContain("  systemctl --user enable --now omniroute.service");
});

test.each([
  ["statsu", "status"],
  ["stat", "status"],
  ["docter", "doctor"],
  ["kye", "key"],
  ["xyzzy", undefined],
  ["", undefined],
])("nearest to %p is %p", (word, expected) => {
  expect(nearest(word, ["serve", "status", "doctor", "key", "plan"])).toBe(expected);
});

test.each([
  [{ DISPLAY: ":0" }, "linux", true],
  [{ WAYLAND_DISPLAY: "wayland-0" }, "linux", true],
  [{}, "linux", false],
  [{ DISPLAY: ":0", SSH_CONNECTION: "x" }, "linux", false],
  [{ CI: "true", DISPLAY: ":0" }, "linux", false],
  [{}, "darwin", true],
  [{ SSH_TTY: "/dev/pts/0" }, "darwin", false],
  [{}, "win32", true],
] as const)("with %p on %s a browser can open: %p", (env, platform, expected) => {
  expect(hasDesktop(env, platform)).toBe(expected);
});

test.skipIf(process.platform !== "linux")("the process that holds a port is named", () => {
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  try {
    expect(portOwner(listener.port)?.pid).toBe(process.pid);
  } finally {
    listener.stop(true);
  }
  expect(portOwner(1)).toBeUndefined();
});
