import { existsSync } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { noticesText } from "./build-notices.ts";

/** What the dashboard needs to know of a built file: `manifest.json` maps its plain name to this. */
export type BuiltAsset = {
  /** Name in the assets directory. With `immutable` it holds a hash of the content and may be cached for ever. */
  file: string;
  type: string;
  size: number;
  immutable: boolean;
  /** Compressed copies beside it, by content coding: `.br` and `.gz` behind the name. */
  encodings: ("br" | "gzip")[];
};

/** The licences of what is not ours; `omniroute licenses` prints it. */
export const NOTICES = "third-party.txt";

type Built = { name: string; bytes: Uint8Array; immutable: boolean };

/**
 * Builds the dashboard's files: `app.css` through Tailwind, `client/main.ts` (and what it loads later) for browsers,
 * everything in `static` as it is, and the licences of what is not ours.
 */
export async function buildWeb(source: string, target: string): Promise<void> {
  const started = performance.now();
  await mkdir(target, { recursive: true });
  const built = [
    ...(await styles(source)),
    ...(await scripts(source)),
    ...(await statics(source)),
    { name: NOTICES, bytes: Buffer.from(noticesText(import.meta.dir)), immutable: false },
  ];
  const manifest: { [name: string]: BuiltAsset } = {};
  for (const each of built) manifest[each.name] = await write(target, each);
  await Bun.write(join(target, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  await removeOthers(target, manifest);
  console.log(`${target}  ${built.length} files  ${Math.round(performance.now() - started)} ms`);
}

async function styles(source: string): Promise<Built[]> {
  const input = join(source, "app.css");
  if (!existsSync(input)) return [];
  // Run with this very Bun: a machine without Node has nothing else that could start the tool.
  const tool = Bun.spawn(
    [
      process.execPath,
      join(import.meta.dir, "node_modules/@tailwindcss/cli/dist/index.mjs"),
      "--input",
      input,
      "--minify",
    ],
    { cwd: import.meta.dir, stdout: "pipe", stderr: "pipe", stdin: "ignore" },
  );
  const [css, complaints, code] = await Promise.all([
    new Response(tool.stdout).bytes(),
    new Response(tool.stderr).text(),
    tool.exited,
  ]);
  if (code !== 0) throw new Error(`Tailwind failed: ${complaints}`);
  return [{ name: "app.css", bytes: css, immutable: true }];
}

async function scripts(source: string): Promise<Built[]> {
  const entry = join(source, "client/main.ts");
  if (!existsSync(entry)) return [];
  const result = await Bun.build({
    entrypoints: [entry, join(source, "client/worker.ts")],
    target: "browser",
    format: "esm",
    splitting: true,
    minify: true,
    naming: { entry: "[name].[ext]", chunk: "chunk-[hash].[ext]" },
    define: { "process.env.NODE_ENV": '"production"' },
  });
  if (!result.success) throw new AggregateError(result.logs, "The dashboard's scripts do not compile.");
  return await Promise.all(
    result.outputs.map(async (output) => ({
      name: basename(output.path),
      bytes: new Uint8Array(await output.arrayBuffer()),
      immutable: true,
    })),
  );
}

async function statics(source: string): Promise<Built[]> {
  const directory = join(source, "static");
  if (!existsSync(directory)) return [];
  const names = (await readdir(directory)).sort();
  return await Promise.all(
    names.map(async (name) => ({
      name,
      bytes: await Bun.file(join(directory, name)).bytes(),
      immutable: false,
    })),
  );
}

/** Old files go last, so that a server which runs meanwhile never finds the directory empty. */
async function removeOthers(target: string, manifest: { [name: string]: BuiltAsset }): Promise<void> {
  const wanted = new Set(["manifest.json"]);
  for (const { file } of Object.values(manifest))
    for (const ending of ["", ".br", ".gz"]) wanted.add(file + ending);
  for (const name of await readdir(target)) if (!wanted.has(name)) await rm(join(target, name));
}

async function write(target: string, built: Built): Promise<BuiltAsset> {
  const { name, bytes } = built;
  const file = built.immutable && !name.startsWith("chunk-") ? hashed(name, bytes) : name;
  const type = Bun.file(name).type;
  await Bun.write(join(target, file), bytes);
  const encodings: BuiltAsset["encodings"] = [];
  if (/^text\/|javascript|json|svg|manifest/.test(type) || name.endsWith(".webmanifest")) {
    const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
    const copies = [
      ["br", ".br", brotliCompressSync(bytes, quality)],
      ["gzip", ".gz", gzipSync(bytes, { level: 9 })],
    ] as const;
    for (const [coding, ending, copy] of copies) {
      if (copy.length >= bytes.length) continue;
      await Bun.write(join(target, file + ending), copy);
      encodings.push(coding);
    }
  }
  return { file, type, size: bytes.length, immutable: built.immutable, encodings };
}

function hashed(name: string, bytes: Uint8Array): string {
  const hash = new Bun.CryptoHasher("sha256").update(bytes).digest("hex").slice(0, 12);
  const ending = extname(name);
  return `${name.slice(0, -ending.length)}-${hash}${ending}`;
}
