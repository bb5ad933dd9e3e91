import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "jsonc-parser";
import { notices, noticesText } from "../build-notices.ts";
import { runCli } from "../src/cli/program.ts";
import { assetRoot } from "../src/lib/asset-root.ts";

const ROOT = join(import.meta.dir, "..");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const lock = parse(read("bun.lock")) as {
  trustedDependencies?: string[];
  packages: Record<string, readonly [id: string, registry: string, facts: object, integrity?: string]>;
};
const manifest = JSON.parse(read("package.json")) as { trustedDependencies?: string[] };
/** More packages inside the program than this want a reason. */
const MOST_INSIDE = 30;
const inside = notices(ROOT);
const packages = inside.filter(({ name }) => name !== "Bun");

describe("K-19: what is inside the program", () => {
  test("is short, locked to one version each and known by its hash", () => {
    expect(inside.length).toBeLessThanOrEqual(MOST_INSIDE);
    for (const { name, version } of packages) {
      expect(lock.packages[name]?.[0]).toBe(`${name}@${version}`);
      expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    }
    const unknown = Object.values(lock.packages).filter(
      ([, , , hash]) => !/^sha512-\S{86}==$/.test(hash ?? ""),
    );
    expect(unknown.map(([id]) => id)).toEqual([]);
  });

  test("runs nothing when it is installed", () => {
    expect([lock.trustedDependencies, manifest.trustedDependencies]).toEqual([undefined, undefined]);
    const scripts = packages.flatMap(({ name }) => {
      const { scripts: all = {} } = JSON.parse(read(`node_modules/${name}/package.json`)) as {
        scripts?: object;
      };
      return Object.keys(all).filter((script) => /^(pre|post)?install$/.test(script));
    });
    expect(scripts).toEqual([]);
  });

  test("is named with version, licence and its text", () => {
    const text = noticesText(ROOT);
    for (const { name, version, licence, text: own } of inside) {
      expect(text).toContain(`${name} ${version}`);
      expect(licence).toMatch(/^(MIT|ISC|Apache-2\.0|0?BSD)/);
      expect([name, own.length > 400]).toEqual([name, true]);
    }
  });

  test("is nothing else: every package that the bundle takes in is named", async () => {
    const bundle = await Bun.build({
      entrypoints: ["src/main.ts", "web/client/main.ts", "web/client/worker.ts"].map((path) =>
        join(ROOT, path),
      ),
      target: "bun",
      splitting: true,
      metafile: true,
    });
    const bundled = Object.keys(bundle.metafile!.inputs).flatMap((path) => {
      const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
      return name === undefined ? [] : [name];
    });
    expect(bundled).toContain("hono");
    const named = new Set(packages.map(({ name }) => name));
    expect([...new Set(bundled)].filter((name) => !named.has(name))).toEqual([]);
  });

  test("is printed by `omniroute licenses`", async () => {
    let out = "";
    let err = "";
    const output = (write: (text: string) => void) => ({ write, isTerminal: false, columns: 80 });
    const code = await runCli(["licenses"], {
      env: {},
      hostName: "here",
      out: output((text) => (out += text)),
      err: output((text) => (err += text)),
    } as Parameters<typeof runCli>[1]);
    const built = Bun.file(join(assetRoot(), "third-party.txt"));
    if (!(await built.exists()))
      return expect([code, err]).toEqual([1, expect.stringContaining("build:web")]);
    expect([code, out]).toEqual([0, await built.text()]);
  });
});

test("an image is built from all the files that the build reads", () => {
  const allowed = read(".dockerignore")
    .split("\n")
    .filter((line) => line.startsWith("!"))
    .map((line) => line.slice(1));
  const seen = new Set<string>();
  const follow = (file: string) => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const { path } of new Bun.Transpiler({ loader: "ts" }).scanImports(read(file))) {
      if (!path.startsWith("./")) continue;
      if (path.endsWith(".ts")) follow(path.slice(2));
      else seen.add(path.slice(2));
    }
  };
  follow("build.ts");
  expect(seen.size).toBeGreaterThan(3);
  expect(
    [...seen, "bun.lock", "LICENSES", "drizzle", "src", "web"].filter((file) => !allowed.includes(file)),
  ).toEqual([]);
});
