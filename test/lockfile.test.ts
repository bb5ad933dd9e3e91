import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dir, "..");

test("the lock file holds no address, so that every machine fetches from its own registry", () => {
  // Bun writes a mirror's address into every entry when packages are added through one that rewrites links.
  const lock = readFileSync(join(ROOT, "bun.lock"), "utf8");
  expect(lock).toContain('"packages"');
  expect(lock).not.toContain("://");
});

test("no registry is set for everybody", () => {
  expect(readFileSync(join(ROOT, "bunfig.toml"), "utf8")).not.toMatch(/^\s*registry/m);
});

test("every dependency is pinned to one version", () => {
  const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
    devDependencies: Record<string, string>;
  };
  for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }))
    expect(`${name}@${version}`).toMatch(/@\d+\.\d+\.\d+$/);
});
