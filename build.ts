import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { version } from "./package.json";
import { writePackages } from "./build-npm.ts";
import { buildWeb, NOTICES } from "./build-web.ts";

/**
 * bun build.ts                 dashboard files and the executable for this machine, dist/omniroute
 * bun build.ts --web           dashboard files only, dist/assets
 * bun build.ts --target T      the executable for another system, dist/omniroute-T
 * bun build.ts --release       executables for all systems (or each --target), archives and SHA-256 sums in dist/release
 * bun build.ts --npm           packages for npm, for all systems (or each --target), in dist/npm
 */
const { values: flags } = parseArgs({
  options: {
    web: { type: "boolean" },
    target: { type: "string", multiple: true },
    release: { type: "boolean" },
    npm: { type: "boolean" },
    outfile: { type: "string" },
  },
});

const ROOT = import.meta.dir;
const DIST = join(ROOT, "dist");

/** One 64-bit Intel build runs everywhere: Bun picks wider instructions at run time. */
const TARGETS = [
  "linux-x64",
  "linux-arm64",
  "linux-x64-musl",
  "linux-arm64-musl",
  "darwin-x64",
  "darwin-arm64",
  "windows-x64",
  "windows-arm64",
];

await buildWeb(join(ROOT, "web"), join(DIST, "assets"));
if (flags.release) await release(flags.target ?? TARGETS);
else if (flags.npm) await writePackages(ROOT, join(DIST, "npm"), flags.target ?? TARGETS, compile);
else if (flags.target) for (const target of flags.target) await compile(target, executableName(target));
else if (!flags.web) await compile(undefined, flags.outfile ?? join(DIST, "omniroute"));

/** Compiles the program into one file. `target` undefined: for the machine this runs on. */
async function compile(target: string | undefined, outfile: string): Promise<string> {
  const started = performance.now();
  const result = await Bun.build({
    entrypoints: [join(ROOT, "src/main.ts")],
    target: "bun",
    format: "esm",
    // One copy of every module, also where a part is loaded later: modules that find files beside them stay right.
    splitting: true,
    minify: true,
    bytecode: true,
    sourcemap: "linked",
    define: {
      "process.env.NODE_ENV": '"production"',
      BUILD_COMMIT: JSON.stringify(await commit()),
    },
    compile: {
      ...(target !== undefined && { target: `bun-${target}` as Bun.Build.CompileTarget }),
      outfile,
      assets: [join(DIST, "assets")],
      // A server must not run code or take settings from the folder it happens to be started in.
      autoloadDotenv: false,
      autoloadBunfig: false,
      autoloadTsconfig: false,
      autoloadPackageJson: false,
    },
  });
  if (!result.success) throw new AggregateError(result.logs, "The program does not compile.");
  // The maps are inside as well, where stack traces find them.
  for (const output of result.outputs)
    if (output.path.endsWith(".map")) await rm(output.path, { force: true });
  const megabytes = (Bun.file(outfile).size / 1024 / 1024).toFixed(1);
  console.log(`${outfile}  ${megabytes} MB  ${Math.round(performance.now() - started)} ms`);
  return outfile;
}

/** Builds the targets, packs each with licences and read-me, and writes the sums people check downloads against. */
async function release(targets: readonly string[]): Promise<void> {
  const directory = join(DIST, "release");
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const sums: string[] = [];
  for (const target of targets) {
    const name = `omniroute-${version}-${target}`;
    const staging = join(directory, name);
    await mkdir(staging);
    await compile(target, join(staging, target.startsWith("windows") ? "omniroute.exe" : "omniroute"));
    for (const document of await documents())
      await Bun.write(join(staging, document), Bun.file(join(ROOT, document)));
    await Bun.write(join(staging, "THIRD-PARTY.txt"), Bun.file(join(DIST, "assets", NOTICES)));
    await pack(directory, name);
    await rm(staging, { recursive: true });
    sums.push(`${await sumOf(join(directory, `${name}.tar.gz`))}  ${name}.tar.gz`);
  }
  await Bun.write(join(directory, "SHA256SUMS"), `${sums.join("\n")}\n`);
}

/** What lies beside the program: the README, and all that its links lead to. */
async function documents(): Promise<string[]> {
  const papers = ["LICENSE", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", ".env.example"];
  const guides = ["docs/*.{md,json,service}", "docs/images/*"].map((each) => new Bun.Glob(each).scan(ROOT));
  return [...papers, ...(await Promise.all(guides.map((found) => Array.fromAsync(found)))).flat()];
}

function executableName(target: string): string {
  return join(DIST, `omniroute-${target}${target.startsWith("windows") ? ".exe" : ""}`);
}

/** Packs a directory so that two builds of one commit give the same archive. */
async function pack(directory: string, name: string): Promise<void> {
  const same = [
    "--sort=name",
    "--owner=0",
    "--group=0",
    "--numeric-owner",
    "--mtime=@0",
    "--mode=u=rwX,go=rX",
  ];
  await Bun.$`tar ${same} -cf - ${name} | gzip -9n > ${name}.tar.gz`.cwd(directory);
}

async function sumOf(path: string): Promise<string> {
  const hasher = new Bun.CryptoHasher("sha256");
  for await (const chunk of Bun.file(path).stream()) hasher.update(chunk);
  return hasher.digest("hex");
}

/** The commit this tree stands at; empty where git or its folder is missing, as inside an image build. */
async function commit(): Promise<string> {
  const answer = await Bun.$`git rev-parse --short=12 HEAD`.cwd(ROOT).quiet().nothrow();
  return answer.exitCode === 0 ? answer.text().trim() : "";
}
