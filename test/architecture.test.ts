import { Glob } from "bun";
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { dependencies } from "../package.json";
import { PROVIDERS } from "../src/providers/index.ts";

const ROOT = join(import.meta.dir, "..");

/** The table of docs/ARCHITECTURE.md: room → rooms it may import. */
const rooms = readRooms(readFileSync(join(ROOT, "docs/ARCHITECTURE.md"), "utf8"));
const files = ["src/**/*.ts", "web/**/*.ts", "drizzle/*.ts"]
  .flatMap((pattern) => [...new Glob(pattern).scanSync(ROOT)])
  .filter((file) => !file.endsWith(".d.ts"))
  .sort();

/** Where a package or power may be used. What is not named here is free within the declared dependencies. */
const HOMES: { [name: string]: readonly string[] } = {
  "bun:sqlite": ["store"],
  "drizzle-orm": ["store"],
  preact: ["web"],
  "preact-render-to-string": ["web"],
  htm: ["web"],
  "d3-scale": ["web"],
  "d3-shape": ["web"],
  hono: ["gateway", "admin", "web", "http", "app", "server"],
  commander: ["cli"],
  "process.env": ["config"],
  fetch: ["net", "cli"],
};

test("every file belongs to a room of the table", () => {
  expect(files.length).toBeGreaterThan(50);
  expect(files.filter((file) => rooms.get(roomOf(file)) === undefined)).toEqual([]);
});

test("rooms import only what stands below them", () => {
  const faults: string[] = [];
  for (const file of files) {
    const from = roomOf(file);
    const allowed = rooms.get(from) ?? [];
    if (allowed.includes("everything")) continue;
    for (const specifier of importsOf(file)) {
      if (!specifier.startsWith(".")) continue;
      const path = relative(ROOT, join(ROOT, dirname(file), specifier));
      const to = roomOf(path);
      if (to !== from && to !== "package.json" && !allowed.includes(to))
        faults.push(`${file} imports ${path}`);
    }
  }
  expect(faults).toEqual([]);
});

test("the doors do not import each other, and nothing imports the process but the process", () => {
  const doors = ["gateway", "admin", "web"];
  for (const door of doors) expect(rooms.get(door)?.filter((room) => doors.includes(room))).toEqual([]);
  for (const [room, allowed] of rooms)
    for (const top of ["app", "server", "main", "cli"])
      expect(`${room} imports ${allowed.includes(top) ? top : "nothing"}`).toBe(`${room} imports nothing`);
});

test("relative imports name the file with its ending", () => {
  const faults = files.flatMap((file) =>
    importsOf(file)
      .filter((specifier) => specifier.startsWith(".") && !/\.(?:ts|json|sql)$/.test(specifier))
      .map((specifier) => `${file}: ${specifier}`),
  );
  expect(faults).toEqual([]);
});

test("packages are declared, and those with one home stay there", () => {
  const faults: string[] = [];
  for (const file of files) {
    for (const specifier of importsOf(file)) {
      if (specifier.startsWith(".") || specifier.startsWith("node:") || specifier === "bun") continue;
      const name = packageOf(specifier);
      const home = HOMES[name];
      if (home && !home.includes(roomOf(file))) faults.push(`${file} imports ${name}`);
      if (!name.startsWith("bun:") && !(name in dependencies))
        faults.push(`${file} imports undeclared ${name}`);
    }
  }
  expect(faults).toEqual([]);
});

test("the environment is read in config.ts, and calls to the outside are made in net", () => {
  const faults: string[] = [];
  for (const file of files) {
    const room = roomOf(file);
    const code = withoutText(readFileSync(join(ROOT, file), "utf8"));
    if (/\bprocess\.env\b|\bBun\.env\b/.test(code) && !HOMES["process.env"]!.includes(room))
      faults.push(`${file} reads the environment`);
    // A script of the dashboard runs in the browser, where fetch is the only way home.
    if (callsGlobalFetch(code) && !HOMES.fetch!.includes(room) && !file.startsWith("web/client/"))
      faults.push(`${file} calls fetch`);
  }
  expect(faults).toEqual([]);
});

test("each provider file is in the list of providers, once", async () => {
  const declared = files.filter(
    (file) =>
      file.startsWith("src/providers/") &&
      readFileSync(join(ROOT, file), "utf8").includes("= defineProvider("),
  );
  expect(declared.length).toBeGreaterThan(10);
  for (const file of declared) {
    const exports: unknown[] = Object.values((await import(join(ROOT, file))) as object);
    const listed = PROVIDERS.filter((provider) => exports.includes(provider));
    expect(listed.length, `${file} is listed`).toBeGreaterThan(0);
  }
  expect(new Set(PROVIDERS).size).toBe(PROVIDERS.length);
});

test.each([
  ["await fetch(url)", true],
  ["const answer = fetch (url)", true],
  ["globalThis.fetch(url)", true],
  ["engine.fetch(url)", false],
  ["fetch(request) { return x; }", false],
  ["type Fetch = typeof fetch;", true],
  ["fetch: Fetch", false],
  ["// fetch(url)", false],
  ['"fetch(url)"', false],
])("%p calls the global fetch: %p", (code, expected) => {
  expect(callsGlobalFetch(withoutText(code)) || /typeof fetch\b/.test(code)).toBe(expected);
});

function readRooms(document: string): Map<string, string[]> {
  const table = new Map<string, string[]>();
  for (const [, path, allowed] of document.matchAll(/^\| `([^`]+)` \|[^|]*\| ([^|]+) \|$/gm)) {
    const names = allowed === "nothing" ? [] : allowed!.split(",").map((name) => name.trim());
    table.set(roomOf(path!), names);
  }
  return table;
}

/** `src/core/reply.ts` → core; `src/engine.ts` and `src/engine/plans.ts` → engine; `web/ui/table.ts` → web. */
function roomOf(path: string): string {
  const [first = "", second] = path.split("/");
  return first === "src" && second !== undefined ? second.replace(/\.ts$/, "") : first;
}

function importsOf(file: string): string[] {
  const source = readFileSync(join(ROOT, file), "utf8");
  const patterns = [
    /^\s*(?:import|export)\s[^;"'`]*?\bfrom\s+["']([^"']+)["']/gm,
    /^\s*import\s+["']([^"']+)["']/gm,
    /\bimport\(\s*["']([^"']+)["']\s*\)/g,
  ];
  return patterns.flatMap((pattern) => [...source.matchAll(pattern)].map((match) => match[1]!));
}

const packageOf = (specifier: string): string =>
  specifier.startsWith("@") ? specifier.split("/").slice(0, 2).join("/") : specifier.split("/")[0]!;

/** Code without comments and without the insides of plain strings. */
function withoutText(source: string): string {
  return source
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g, '""')
    .replace(/(^|[^:])\/\/.*$/gm, "$1");
}

/** A call of the name itself; not of a method, and not the declaration of one. */
function callsGlobalFetch(code: string): boolean {
  for (const match of code.matchAll(/(?<![\w.#$])(?:globalThis\.)?fetch\s*\(/g)) {
    const isDeclared = /^[^()]*(?:\([^()]*\)[^()]*)*\)\s*(?::[^;{]*)?\{/.test(
      code.slice(match.index + match[0].length),
    );
    if (!isDeclared) return true;
  }
  return false;
}
