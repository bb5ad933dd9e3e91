import { afterAll, expect, test } from "bun:test";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dir, "../..");
/** What is no source: made anew, or looked at by nobody who builds. */
const NOT_NEEDED = new Set([".git", "dist", "node_modules", "test", "bench", "screenshots"]);
const home = mkdtempSync(join(tmpdir(), "omniroute-alike-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** A clean folder of this name with the sources and the packages, and nothing that was built. */
function cleanFolder(name: string): string {
  const folder = join(home, name);
  mkdirSync(folder, { recursive: true });
  for (const entry of readdirSync(ROOT))
    if (!NOT_NEEDED.has(entry)) cpSync(join(ROOT, entry), join(folder, entry), { recursive: true });
  const packages = [join(ROOT, "node_modules"), join(folder, "node_modules")];
  // Links are made in a moment, but not across file systems.
  if (Bun.spawnSync(["cp", "-al", ...packages]).exitCode !== 0) {
    rmSync(packages[1]!, { recursive: true, force: true });
    expect(Bun.spawnSync(["cp", "-a", ...packages]).exitCode).toBe(0);
  }
  return folder;
}

/** Builds there as another person would, and gives the sums of all that came out. */
function built(folder: string, env: { [name: string]: string }): { [file: string]: string } {
  const { PATH = "" } = process.env;
  const child = Bun.spawnSync([process.execPath, "build.ts"], {
    cwd: folder,
    env: { PATH, HOME: folder, ...env },
    stdout: "ignore",
    stderr: "pipe",
  });
  if (child.exitCode !== 0) throw new Error(`The program does not compile:\n${child.stderr.toString()}`);
  const files = readdirSync(join(folder, "dist"), { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    files
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [path.slice(folder.length + 1), Bun.hash(readFileSync(path)).toString(16)]),
  );
}

test.skipIf(process.platform !== "linux")(
  "K-19: two builds from clean folders, by different people, are the same byte for byte",
  () => {
    const one = built(cleanFolder("a"), { TZ: "UTC", LANG: "C" });
    const other = built(cleanFolder("another/much longer place"), {
      TZ: "Asia/Tokyo",
      LANG: "pt_BR.UTF-8",
      USER: "somebody",
    });
    expect(Object.keys(one)).toContain("dist/omniroute");
    expect(other).toEqual(one);
  },
  120_000,
);
