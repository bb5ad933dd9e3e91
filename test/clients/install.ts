import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Client, Program } from "./recipes/recipe.ts";

const INSTALL_SECONDS = 180;
/** Some clients want a Node newer than the machine's; the registry has that as well. */
const NODE: Package = { name: "node24", package: "node", version: "24.21.0" };

type Package = Pick<Client, "name" | "package" | "version">;
export type Installed = Program | { missing: string };

/** Installs a client into its own folder unless it is there in the wanted version. Says why where that fails. */
export async function install(client: Client, folder: string): Promise<Installed> {
  const node = await ensure(NODE, folder);
  if (node !== undefined) return { missing: node };
  const path = [join(folder, NODE.name, "node_modules/node/bin"), process.env["PATH"] ?? ""].join(delimiter);
  const failure = await ensure(client, folder, path);
  if (failure !== undefined) return { missing: failure };
  return { program: join(folder, client.name, "node_modules/.bin", client.program), path };
}

async function ensure(wanted: Package, folder: string, path?: string): Promise<string | undefined> {
  const home = join(folder, wanted.name);
  if (installedVersion(wanted, home) === wanted.version) return undefined;
  mkdirSync(home, { recursive: true });
  if (!existsSync(join(home, "package.json")))
    writeFileSync(join(home, "package.json"), '{"private":true}\n');
  const npm = Bun.which("npm");
  if (npm === null) return "npm is not there";
  const name = `${wanted.package}@${wanted.version}`;
  const child = Bun.spawn([npm, "install", "--no-audit", "--no-fund", "--loglevel=error", name], {
    cwd: home,
    env: { ...process.env, ...(path !== undefined && { PATH: path }) },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
    timeout: INSTALL_SECONDS * 1000,
  });
  const complaint = await new Response(child.stderr).text();
  const code = await child.exited;
  if (code === 0) return undefined;
  if (child.signalCode !== null) return `npm took longer than ${INSTALL_SECONDS} s`;
  return `npm: ${complaint.trim().split("\n")[0] ?? `exit ${code}`}`;
}

function installedVersion(wanted: Package, home: string): string | undefined {
  const manifest = join(home, "node_modules", wanted.package, "package.json");
  if (!existsSync(manifest)) return undefined;
  return (JSON.parse(readFileSync(manifest, "utf8")) as { version?: string }).version;
}
