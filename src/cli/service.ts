import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { CliError, EXIT, type CliContext, type DataFlags } from "./context.ts";
import { json, line } from "./output.ts";
import {
  LAUNCHD_LABEL,
  launchdList,
  systemUnit,
  TASK_NAME,
  userUnit,
  windowsTask,
  type ServiceCommand,
} from "./service-files.ts";

export type ServiceFlags = DataFlags & { system?: boolean; json?: boolean };

/** The file a service manager reads, and the commands that make it take notice. */
type Service = {
  path: string;
  text: string;
  encoding: "utf8" | "utf16le";
  enable: string[][];
  disable: string[][];
  query: string[];
};

/** Writes the service file and starts the service. Doing it twice changes nothing. */
export async function installService(context: CliContext, flags: ServiceFlags): Promise<number> {
  const service = serviceFor(context, flags, process.platform);
  const before = readFile(service);
  if (before === service.text) line(context.out, `Already installed: ${service.path}`);
  else {
    writeFile(service);
    line(context.out, `Wrote ${service.path}`);
  }
  return await run(context, service.enable);
}

/** Stops the service and takes its file away; the data stays. */
export async function uninstallService(context: CliContext, flags: ServiceFlags): Promise<number> {
  const service = serviceFor(context, flags, process.platform);
  if (!existsSync(service.path)) {
    line(context.out, `Not installed: there is no ${service.path}`);
    return EXIT.fine;
  }
  const code = await run(context, service.disable);
  rmSync(service.path);
  line(context.out, `Removed ${service.path}. The data directory is as it was.`);
  return code;
}

/** Tells whether the file is there and what the service manager says. Exit code 0 when the service runs. */
export async function serviceStatus(context: CliContext, flags: ServiceFlags): Promise<number> {
  const service = serviceFor(context, flags, process.platform);
  const installed = existsSync(service.path);
  const answer = installed ? await execute(context, service.query) : undefined;
  const running = answer?.code === 0;
  if (flags.json) json(context.out, { installed, running, path: service.path });
  else if (!installed) line(context.out, "Not installed. Install it with: omniroute service install");
  else line(context.out, `${running ? "Running" : "Installed, not running"}: ${service.path}`);
  return running ? EXIT.fine : EXIT.failed;
}

/** What to write and run on a platform. Throws `CliError` where there is no known service manager. */
export function serviceFor(context: CliContext, flags: ServiceFlags, platform: NodeJS.Platform): Service {
  const home = context.env.HOME ?? homedir();
  const command: ServiceCommand = { words: [...ownCommand(), "serve", "--no-open", ...dataWords(flags)] };
  if (platform === "linux")
    return flags.system ? systemdSystem(command) : systemdUser(command, context, home);
  if (platform === "darwin") return launchd(command, flags.system === true, home);
  if (platform === "win32") return scheduledTask(command, context, home);
  throw new CliError(`There is no service manager known for ${platform}.`);
}

function systemdUser(command: ServiceCommand, context: CliContext, home: string): Service {
  const base = context.env.XDG_CONFIG_HOME ?? join(home, ".config");
  const systemctl = ["systemctl", "--user"];
  return {
    path: join(base, "systemd/user/omniroute.service"),
    text: userUnit(command),
    encoding: "utf8",
    enable: [
      [...systemctl, "daemon-reload"],
      [...systemctl, "enable", "--now", "omniroute.service"],
    ],
    disable: [[...systemctl, "disable", "--now", "omniroute.service"]],
    query: [...systemctl, "is-active", "--quiet", "omniroute.service"],
  };
}

function systemdSystem(command: ServiceCommand): Service {
  const hidden = command.words.find((word) => /^\/(?:home|root|tmp|var\/tmp)\//.test(word));
  if (hidden)
    throw new CliError(
      `The system service cannot see ${hidden}: home and temporary directories are hidden from it.`,
      EXIT.failed,
      "Copy the program to /usr/local/bin and run this command from there.",
    );
  return {
    path: "/etc/systemd/system/omniroute.service",
    text: systemUnit(command),
    encoding: "utf8",
    enable: [
      ["systemctl", "daemon-reload"],
      ["systemctl", "enable", "--now", "omniroute.service"],
    ],
    disable: [["systemctl", "disable", "--now", "omniroute.service"]],
    query: ["systemctl", "is-active", "--quiet", "omniroute.service"],
  };
}

function launchd(command: ServiceCommand, system: boolean, home: string): Service {
  const domain = system ? "system" : `gui/${process.getuid?.() ?? 501}`;
  const directory = system ? "/Library/LaunchDaemons" : join(home, "Library/LaunchAgents");
  const log = system ? "/var/log/omniroute.log" : join(home, "Library/Logs/omniroute.log");
  const path = join(directory, `${LAUNCHD_LABEL}.plist`);
  return {
    path,
    text: launchdList(command, log),
    encoding: "utf8",
    enable: [["launchctl", "bootstrap", domain, path]],
    disable: [["launchctl", "bootout", `${domain}/${LAUNCHD_LABEL}`]],
    query: ["launchctl", "print", `${domain}/${LAUNCHD_LABEL}`],
  };
}

function scheduledTask(command: ServiceCommand, context: CliContext, home: string): Service {
  const base = context.env.LOCALAPPDATA ?? join(home, "AppData/Local");
  const path = join(base, "OmniRoute/service.xml");
  return {
    path,
    text: windowsTask(command),
    encoding: "utf16le",
    enable: [
      ["schtasks", "/Create", "/TN", TASK_NAME, "/XML", path, "/F"],
      ["schtasks", "/Run", "/TN", TASK_NAME],
    ],
    disable: [["schtasks", "/Delete", "/TN", TASK_NAME, "/F"]],
    query: ["schtasks", "/Query", "/TN", TASK_NAME],
  };
}

/** The words that start this program again: the executable, or Bun with the script when run from source. */
function ownCommand(): string[] {
  return Bun.isStandaloneExecutable ? [process.execPath] : [process.execPath, resolve(Bun.main)];
}

/** A service starts in another folder, so that paths are written out. */
function dataWords(flags: DataFlags): string[] {
  const words: string[] = [];
  if (flags.dataDir !== undefined) words.push("--data-dir", resolve(flags.dataDir));
  if (flags.envFile !== undefined) words.push("--env-file", resolve(flags.envFile));
  return words;
}

const BYTE_ORDER_MARK = "\uFEFF";

function writeFile(service: Service): void {
  const mark = service.encoding === "utf16le" ? BYTE_ORDER_MARK : "";
  try {
    mkdirSync(dirname(service.path), { recursive: true });
    writeFileSync(service.path, mark + service.text, service.encoding);
  } catch (error) {
    const code = (error as { code?: string }).code ?? "unknown error";
    throw new CliError(
      `${service.path} cannot be written (${code}).`,
      EXIT.failed,
      "Run it as an administrator.",
    );
  }
}

function readFile(service: Service): string | undefined {
  if (!existsSync(service.path)) return undefined;
  return readFileSync(service.path, service.encoding).replace(BYTE_ORDER_MARK, "");
}

/** Runs the manager's commands; where one fails, shows those that are left to do by hand. */
async function run(context: CliContext, commands: readonly string[][]): Promise<number> {
  for (const [index, command] of commands.entries()) {
    const { code, complaint } = await execute(context, command);
    if (code === 0) continue;
    line(context.err, `${command.join(" ")} failed${complaint ? `: ${complaint}` : "."}`);
    line(context.err, "Left to do by hand:");
    for (const left of commands.slice(index)) line(context.err, `  ${left.join(" ")}`);
    return EXIT.failed;
  }
  return EXIT.fine;
}

async function execute(
  context: CliContext,
  command: readonly string[],
): Promise<{ code: number; complaint: string }> {
  const [name = "", ...rest] = command;
  const program = Bun.which(name, { PATH: context.env.PATH ?? "" });
  if (!program) return { code: 127, complaint: `there is no ${name} here` };
  const child = Bun.spawn([program, ...rest], {
    env: { ...context.env },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  const [complaint, code] = await Promise.all([new Response(child.stderr).text(), child.exited]);
  return { code, complaint: complaint.trim().split("\n")[0] ?? "" };
}
