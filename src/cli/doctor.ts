import { accessSync, constants, existsSync, readdirSync, statfsSync, statSync } from "node:fs";
import { join } from "node:path";
import { readConfig, type ReadConfig } from "../config.ts";
import type { Config } from "../core/config.ts";
import { isWhole, newestGoodBackup } from "../store/backups.ts";
import { dataPaths, type DataPaths } from "../store/data-dir.ts";
import { takeLock } from "../store/lock.ts";
import { readSecrets } from "../store/secrets.ts";
import type { JsonObject } from "../lib/json.ts";
import { objects } from "./answers.ts";
import { EXIT, type CliContext, type DataFlags } from "./context.ts";
import { json, line, paint, shown } from "./output.ts";
import { portOwner } from "./port-owner.ts";
import { findServer, probe, type RunningServer } from "./running-server.ts";
import { readServerFile } from "./server-file.ts";

/** One thing looked at. `cure` says what to do where something is wrong. */
export type Finding = {
  check: string;
  state: "ok" | "warning" | "failure";
  message: string;
  cure?: string;
};

/** Looks at everything that commonly goes wrong and says how to mend it. Changes nothing. Exit code 1 on a failure. */
export async function doctor(context: CliContext, flags: DataFlags & { json?: boolean }): Promise<number> {
  const read = readConfig({ env: context.env, flags, hostName: context.hostName });
  const server = await findServer(read.config.dataDir);
  const findings = [
    ...environment(read),
    ...directory(dataPaths(read.config.dataDir)),
    ...room(read.config.dataDir),
    await running(read.config, server),
    clock(context, read.config.dataDir),
    ...database(read.config, server),
    ...proxies(read.config),
    ...(await connections(server)),
  ];
  const failed = findings.some((finding) => finding.state === "failure");
  if (flags.json) json(context.out, { ok: !failed, findings });
  else for (const finding of findings) show(context, finding);
  return failed ? EXIT.failed : EXIT.fine;
}

function show(context: CliContext, finding: Finding): void {
  const mark = { ok: "ok  ", warning: "warn", failure: "FAIL" }[finding.state];
  const style = ({ ok: "green", warning: "yellow", failure: "red" } as const)[finding.state];
  line(
    context.out,
    `${paint(context, context.out, style, mark)}  ${finding.check.padEnd(14)} ${shown(finding.message)}`,
  );
  if (finding.cure) line(context.out, `${" ".repeat(21)}→ ${shown(finding.cure)}`);
}

const ok = (check: string, message: string): Finding => ({ check, state: "ok", message });
const warning = (check: string, message: string, cure?: string): Finding => ({
  check,
  state: "warning",
  message,
  cure,
});
const failure = (check: string, message: string, cure?: string): Finding => ({
  check,
  state: "failure",
  message,
  cure,
});

function environment({ warnings }: ReadConfig): Finding[] {
  if (warnings.length === 0) return [ok("settings", "every setting is understood")];
  return warnings.map((message) => warning("settings", message));
}

function directory(paths: DataPaths): Finding[] {
  const found = statSync(paths.root, { throwIfNoEntry: false });
  if (!found) return [ok("data directory", `${paths.root} is made at the first start`)];
  if (!found.isDirectory())
    return [
      failure("data directory", `${paths.root} is not a directory`, "Name another one with --data-dir."),
    ];
  try {
    accessSync(paths.root, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return [
      failure(
        "data directory",
        `${paths.root} cannot be written`,
        "Run as its owner, or give this user the right.",
      ),
    ];
  }
  const open = openToOthers(paths);
  if (open.length === 0) return [ok("data directory", `${paths.root} is ours alone`)];
  return [
    warning(
      "data directory",
      `other users may look into ${open.join(", ")}`,
      `chmod 700 ${paths.root}; chmod 600 ${join(paths.root, "*.sqlite")} ${paths.secrets}`,
    ),
  ];
}

const LITTLE_BYTES = 200 * 1024 * 1024;
const TOO_LITTLE_BYTES = 5 * 1024 * 1024;

/** Is there room for what is written? Copies, and migrations, need as much again as the database. */
function room(dataDir: string): Finding[] {
  if (!existsSync(dataDir)) return [];
  const { bavail, bsize } = statfsSync(dataDir);
  const free = bavail * bsize;
  const words = `${Math.floor(free / 1024 / 1024)} MB are free`;
  const cure = "Make room, or move the directory and name it with --data-dir.";
  if (free < TOO_LITTLE_BYTES) return [failure("disk", `${words}: changes cannot be saved`, cure)];
  return [free < LITTLE_BYTES ? warning("disk", words, cure) : ok("disk", words)];
}

function openToOthers(paths: DataPaths): string[] {
  if (process.platform === "win32") return [];
  return [paths.root, paths.config, paths.logs, paths.secrets, join(paths.root, "cli-token")].filter(
    (path) => {
      const found = statSync(path, { throwIfNoEntry: false });
      return found !== undefined && (found.mode & 0o077) !== 0;
    },
  );
}

/** Is the server there, or could it start: is its port free? */
async function running(config: Config, server: RunningServer | undefined): Promise<Finding> {
  if (server) {
    const ready = await probe(server.address, "/readyz");
    if (ready === 200) return ok("server", `runs on ${server.address} and is ready`);
    return failure(
      "server",
      `runs on ${server.address} and is not ready (${shown(ready)})`,
      "Look into its log.",
    );
  }
  const left = readServerFile(config.dataDir) ? " (the last one did not end cleanly)" : "";
  if (isPortFree(config)) return ok("server", `does not run${left}; port ${config.port} is free`);
  const owner = portOwner(config.port);
  const by = owner ? `${owner.name} (process ${owner.pid})` : "another program";
  return failure(
    "server",
    `does not run${left}, and ${by} holds port ${config.port}`,
    "Choose another with --port.",
  );
}

function isPortFree(config: Config): boolean {
  try {
    Bun.listen({ hostname: config.host, port: config.port, socket: { data() {} } }).stop(true);
    return true;
  } catch {
    return false;
  }
}

const DAY_MS = 86_400_000;

/** A clock far behind its own files makes tokens, limits and logs wrong. */
function clock(context: CliContext, dataDir: string): Finding {
  const now = context.clock.now();
  const newest = existsSync(dataDir)
    ? Math.max(
        0,
        ...readdirSync(dataDir).map(
          (name) => statSync(join(dataDir, name), { throwIfNoEntry: false })?.mtimeMs ?? 0,
        ),
      )
    : 0;
  const time = new Date(now).toISOString();
  if (now < Date.UTC(2026, 0, 1) || newest > now + DAY_MS)
    return failure("clock", `it says ${time}, which cannot be right`, "Set the machine's clock.");
  return ok("clock", time);
}

function database(config: Config, server: RunningServer | undefined): Finding[] {
  const paths = dataPaths(config.dataDir);
  if (!existsSync(paths.config)) return [ok("database", "none yet")];
  if (server) return [ok("database", "in use by the server, which checked it when it started")];
  try {
    const lock = takeLock(paths.lock, paths.root);
    try {
      return [...secrets(config, paths), wholeness(paths)];
    } finally {
      lock.release();
    }
  } catch (error) {
    return [failure("database", (error as Error).message)];
  }
}

function secrets(config: Config, paths: DataPaths): Finding[] {
  try {
    const stored = readSecrets(paths.secrets);
    if (stored || config.secrets.storage !== undefined) return [ok("secrets", "are there")];
    return [
      failure(
        "secrets",
        `${paths.secrets} is missing`,
        "Put it back from a copy, or set STORAGE_ENCRYPTION_KEY.",
      ),
    ];
  } catch (error) {
    return [failure("secrets", (error as Error).message)];
  }
}

function wholeness(paths: DataPaths): Finding {
  if (isWhole(paths.config)) return ok("database", `${paths.config} is whole`);
  const good = existsSync(paths.backups) ? newestGoodBackup(paths.backups, "omniroute") : undefined;
  const cure = good ? `omniroute restore ${good.path}` : "There is no good copy; bring one from elsewhere.";
  return failure("database", `${paths.config} is damaged`, cure);
}

function proxies(config: Config): Finding[] {
  const { http, https, all } = config.proxy;
  const bad = [http, https, all].filter(
    (address) =>
      address !== undefined &&
      !(URL.canParse(address) && /^(?:https?|socks5h?):$/.test(new URL(address).protocol)),
  );
  if (bad.length > 0)
    return [
      failure(
        "proxies",
        "a proxy variable is no address",
        "Write it as http://host:port or socks5://host:port.",
      ),
    ];
  const count = [http, https, all].filter((address) => address !== undefined).length;
  return count > 0 ? [ok("proxies", `${count} from the environment`)] : [];
}

const ILL = new Set(["sign in again", "failing", "provider shut down"]);

async function connections(server: RunningServer | undefined): Promise<Finding[]> {
  if (!server) return [ok("connections", "start the server to have them looked at")];
  try {
    const list = objects((await server.call("GET", "/api/providers")).connections);
    if (list.length === 0)
      return [warning("connections", "there are none", "Add one on the dashboard page Providers.")];
    const active = list.filter((connection) => connection.isActive !== false);
    const ills = active
      .filter((connection) => ILL.has(String(connection.status)))
      .map((connection) =>
        warning(
          "connections",
          `${shown(connection.name)} (${shown(connection.provider)}): ${shown(connection.status)}`,
          cureOf(connection),
        ),
      );
    return [ok("connections", `${active.length} of ${list.length} active`), ...ills];
  } catch (error) {
    return [failure("connections", (error as Error).message)];
  }
}

function cureOf({ id, provider, status, authType }: JsonObject): string {
  if (status !== "sign in again") return `omniroute provider test ${shown(id)}`;
  return authType === "oauth"
    ? `omniroute login ${shown(provider)} --connection ${shown(id)}`
    : "Give it a key that works, on its page of the dashboard.";
}
