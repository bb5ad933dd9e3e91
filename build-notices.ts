import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "jsonc-parser";

/** Someone else's work that is inside the program. */
export type Notice = { name: string; version: string; licence: string; source: string; text: string };

/** `[name@version, registry, facts, integrity]` */
type Locked = readonly [id: string, registry: string, facts: { dependencies?: object }, integrity: string];

/** Not imported by the program, but its style sheet begins with theirs. */
const ALSO_INSIDE = ["tailwindcss"];

/** What is inside the program besides our own work, by name: every runtime package with all it needs, and Bun. */
export function notices(root: string): Notice[] {
  const manifest = readJson(join(root, "package.json")) as { dependencies: object };
  const locked = (parse(readFileSync(join(root, "bun.lock"), "utf8")) as { packages: Record<string, Locked> })
    .packages;
  const found = new Map<string, Notice>();
  const add = (name: string) => {
    if (found.has(name)) return;
    const entry = locked[name];
    if (!entry) throw new Error(`${name} is not in bun.lock: run bun install.`);
    found.set(name, noticeOf(root, name, entry[0].slice(name.length + 1)));
    for (const needed of Object.keys(entry[2].dependencies ?? {})) add(needed);
  };
  for (const name of [...Object.keys(manifest.dependencies), ...ALSO_INSIDE]) add(name);
  return [...found.values(), bun(root)].sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** The notices as the text that travels inside the program. */
export function noticesText(root: string): string {
  const all = notices(root);
  const width = Math.max(...all.map(({ name, version }) => name.length + version.length + 1));
  const rule = "-".repeat(78);
  return [
    "OmniRoute is under the MIT licence. It holds the work of others, under these licences:",
    "",
    ...all.map(({ name, version, licence }) => `  ${`${name} ${version}`.padEnd(width)}  ${licence}`),
    ...all.flatMap(({ name, version, source, text }) => ["", rule, `${name} ${version}`, source, "", text]),
    "",
  ].join("\n");
}

type Manifest = {
  version: string;
  license?: string;
  author?: string | { name?: string };
  repository?: string | { url?: string };
};

function noticeOf(root: string, name: string, version: string): Notice {
  const folder = join(root, "node_modules", name);
  const facts = readJson(join(folder, "package.json")) as Manifest;
  if (facts.version !== version)
    throw new Error(`${name} ${facts.version} is installed, ${version} locked: run bun install.`);
  if (!facts.license) throw new Error(`${name} names no licence.`);
  const file = readdirSync(folder)
    .sort()
    .find((each) => /^(licen[cs]e|copying)/i.test(each));
  const text =
    file === undefined ? standardText(root, name, facts) : readFileSync(join(folder, file), "utf8");
  return { name, version, licence: facts.license, source: sourceOf(name, facts), text: unified(text) };
}

/** Some packages only name their licence; then its own text stands in for the missing file. */
function standardText(root: string, name: string, { license, author }: Manifest): string {
  const path = join(root, "LICENSES", `${license}.txt`);
  if (!existsSync(path))
    throw new Error(`${name} comes without the text of its licence: put it into LICENSES/${license}.txt.`);
  const holder = typeof author === "string" ? author : author?.name;
  return `Copyright: ${holder ?? `the authors of ${name}`}\n\n${readFileSync(path, "utf8")}`;
}

function sourceOf(name: string, { repository }: Manifest): string {
  const url = typeof repository === "string" ? repository : repository?.url;
  return url?.replace(/^git\+/, "").replace(/\.git$/, "") ?? `https://www.npmjs.com/package/${name}`;
}

/** The runtime that carries the program. It says itself what it is made of. */
function bun(root: string): Notice {
  const page = readFileSync(join(root, "node_modules/bun-types/docs/project/license.mdx"), "utf8");
  return {
    name: "Bun",
    version: Bun.version,
    licence: "MIT, with parts under LGPL-2 and others, named below",
    source: "https://github.com/oven-sh/bun",
    text: unified(page.replace(/^---[\s\S]*?---\n/, "")),
  };
}

const unified = (text: string) =>
  text
    .replace(/^\uFEFF/, "")
    .replaceAll("\r\n", "\n")
    .trim();

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));
