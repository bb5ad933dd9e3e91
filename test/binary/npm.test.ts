import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writePackages } from "../../build-npm.ts";
import { executable, folder } from "./kit.ts";

const ROOT = join(import.meta.dir, "../..");
const header = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
const isMusl = process.platform === "linux" && !header.header?.glibcVersionRuntime;
const THIS = `${process.platform}-${process.arch}${isMusl ? "-musl" : ""}`;
const node = Bun.which("node");
if (!node) console.warn("No Node here: the npm launcher is not tried.");

describe.skipIf(!node)("as npm installs it", () => {
  const place = folder();
  const modules = join(place.path, "node_modules");
  const launcher = join(modules, "omniroute/bin/omniroute.js");

  beforeAll(async () => {
    const program = await executable();
    const written = join(place.path, "npm");
    await writePackages(ROOT, written, [THIS], (_target, outfile) =>
      Promise.resolve(cpSync(program, outfile)),
    );
    mkdirSync(join(modules, "@omniroute"), { recursive: true });
    renameSync(join(written, "omniroute"), join(modules, "omniroute"));
    renameSync(join(written, `omniroute-${THIS}`), join(modules, "@omniroute", THIS));
  });
  afterAll(() => place[Symbol.dispose]());

  const launch = async (...args: string[]) => {
    const child = Bun.spawn([node!, launcher, ...args], { stdout: "pipe", stderr: "pipe" });
    const [out, err, code] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ]);
    return { out, err, code };
  };

  test("each package says what it is for", () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    const read = (path: string) => JSON.parse(readFileSync(join(modules, path, "package.json"), "utf8"));
    expect(read("omniroute")).toMatchObject({
      version,
      bin: { omniroute: "bin/omniroute.js" },
      optionalDependencies: { [`@omniroute/${THIS}`]: version },
    });
    expect(read("omniroute")).not.toHaveProperty("scripts");
    expect(read(`@omniroute/${THIS}`)).toMatchObject({
      version,
      os: [process.platform],
      cpu: [process.arch],
    });
  });

  test("the launcher is the program, exit codes included", async () => {
    expect((await launch("--version")).out).toMatch(/^\d+\.\d+\.\d+/);
    expect((await launch("nonsense")).code).toBe(2);
  });

  test("a signal reaches the program, which stops with grace", async () => {
    const child = Bun.spawn([node!, launcher, "serve", "--no-open", "--port", "0"], {
      env: { ...process.env, DATA_DIR: join(place.path, "data") },
      stdout: "pipe",
      stderr: "ignore",
    });
    const reader = child.stdout.getReader();
    await reader.read();
    child.kill("SIGTERM");
    expect(await child.exited).toBe(0);
  });

  test("without the system's package it says what is missing", async () => {
    rmSync(join(modules, "@omniroute"), { recursive: true });
    const { err, code } = await launch("--version");
    expect(code).toBe(1);
    expect(err).toContain(`@omniroute/${THIS} is not installed`);
  });
});
