import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  BackupShelf,
  ClientDesk,
  CLIENT_TOOLS,
  type ClientTool,
  type Machine,
} from "../../src/clients/index.ts";
import { FakeClock } from "../kit/fake-clock.ts";

export const PLACE = { base: "http://localhost:20128", key: "sk-omni-test", model: "my-combo" };

/** A home directory of its own with a desk that works in it. */
export function tempHome(machine: Partial<Machine> = {}) {
  const root = mkdtempSync(join(tmpdir(), "omniroute-clients-"));
  const home = join(root, "home");
  mkdirSync(home);
  const clock = new FakeClock();
  const shelf = new BackupShelf(join(root, "backups"));
  const desk = new ClientDesk({
    machine: { home, searchPath: [join(home, "path")], programs: {}, platform: "linux", ...machine },
    shelf,
    clock,
    ownAddresses: () => ["http://localhost:20128", "https://ai.example.org"],
  });
  return {
    root,
    home,
    desk,
    shelf,
    clock,
    at: (path: string) => join(home, path),
    read: (path: string) => readFileSync(join(home, path), "utf8"),
    write(path: string, text: string, mode = 0o644) {
      mkdirSync(dirname(join(home, path)), { recursive: true });
      writeFileSync(join(home, path), text, { mode });
    },
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

export const tool = (id: string): ClientTool => CLIENT_TOOLS.find((each) => each.id === id)!;
