import { chmod, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { noticesText } from "./build-notices.ts";
import manifest from "./package.json";

/** Compiles the program for a target into a file. */
export type Compile = (target: string, outfile: string) => Promise<unknown>;

/**
 * Writes what `npm publish` takes: `omniroute`, a launcher of a few lines, and beside it one package for each system,
 * of which npm installs the one that fits. Nothing runs at installation and nothing is downloaded by us, so that it
 * works behind mirrors and with `--ignore-scripts`.
 */
export async function writePackages(
  root: string,
  directory: string,
  targets: readonly string[],
  compile: Compile,
): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  const optionalDependencies: { [name: string]: string } = {};
  for (const target of targets) {
    optionalDependencies[packageName(target)] = manifest.version;
    await systemPackage(root, join(directory, `omniroute-${target}`), target, compile);
  }
  const main = join(directory, "omniroute");
  await mkdir(join(main, "bin"), { recursive: true });
  await Bun.write(join(main, "bin/omniroute.js"), LAUNCHER);
  await chmod(join(main, "bin/omniroute.js"), 0o755);
  await describe(root, main, {
    name: "omniroute",
    bin: { omniroute: "bin/omniroute.js" },
    engines: { node: ">=18" },
    optionalDependencies,
  });
}

const packageName = (target: string) => `@omniroute/${target}`;

async function systemPackage(
  root: string,
  directory: string,
  target: string,
  compile: Compile,
): Promise<void> {
  const [system = "", cpu = "", libc = "glibc"] = target.split("-");
  const isWindows = system === "windows";
  await mkdir(directory, { recursive: true });
  await compile(target, join(directory, isWindows ? "omniroute.exe" : "omniroute"));
  await describe(root, directory, {
    name: packageName(target),
    os: [isWindows ? "win32" : system],
    cpu: [cpu],
    ...(system === "linux" && { libc: [libc] }),
  });
}

async function describe(root: string, directory: string, facts: object): Promise<void> {
  const { version, description, license } = manifest;
  await Bun.write(
    join(directory, "package.json"),
    `${JSON.stringify({ ...facts, version, description, license }, null, 2)}\n`,
  );
  for (const document of ["LICENSE", "README.md"])
    await Bun.write(join(directory, document), Bun.file(join(root, document)));
  await Bun.write(join(directory, "THIRD-PARTY.txt"), noticesText(root));
}

/** Runs under any Node: finds the program beside it, becomes it, and ends as it ends. */
const LAUNCHER = `#!/usr/bin/env node
"use strict";
const { spawn } = require("node:child_process");

const system = process.platform === "win32" ? "windows" : process.platform;
const musl = system === "linux" && !process.report.getReport().header.glibcVersionRuntime ? "-musl" : "";
const name = "@omniroute/" + system + "-" + process.arch + musl;
let program;
try {
  program = require.resolve(name + (system === "windows" ? "/omniroute.exe" : "/omniroute"));
} catch {
  console.error(name + " is not installed. There may be no build for this system, or optional packages were left out: npm install -g omniroute --include=optional");
  process.exit(1);
}

const child = spawn(program, process.argv.slice(2), { stdio: "inherit" });
// Ctrl+C reaches the program by itself; what is sent to this process alone is handed on.
process.on("SIGINT", () => {});
for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("error", (error) => {
  console.error("omniroute could not be started: " + error.message);
  process.exit(1);
});
child.on("exit", (code, signal) => {
  if (signal) process.kill(process.pid, signal);
  else process.exit(code);
});
`;
