import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CliContext } from "../../src/cli/context.ts";
import { runCli } from "../../src/cli/program.ts";
import { systemClock } from "../../src/lib/clock.ts";

export type Ran = { code: number; out: string; err: string };

export const NOW = Date.UTC(2026, 5, 1, 12);

/** Runs a command line inside this process and gives what it printed. */
export async function run(
  words: readonly string[],
  options: { env?: Record<string, string>; terminal?: boolean; secret?: string } = {},
): Promise<Ran> {
  let out = "";
  let err = "";
  const isTerminal = options.terminal ?? false;
  const context: CliContext = {
    env: { HOME: "/nowhere", ...options.env },
    hostName: "box",
    out: { write: (text) => void (out += text), isTerminal, columns: 100 },
    err: { write: (text) => void (err += text), isTerminal, columns: 100 },
    clock: { ...systemClock, now: () => NOW },
    readSecret: async () => options.secret ?? "",
    loadServer: () => Promise.reject(new Error("No test of commands starts a server.")),
  };
  const code = await runCli(words, context);
  return { code, out, err };
}

/** A data directory that goes away with `[Symbol.dispose]`. */
export function temporaryDirectory(): { path: string; [Symbol.dispose](): void } {
  const path = mkdtempSync(join(tmpdir(), "omniroute-cli-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

export const OWNER_TOKEN = "owner-token-for-tests";

export type Asked = {
  method: string;
  path: string;
  authorization: string | null;
  dryRun: string | null;
  body: unknown;
};

/** Poses as a running server on a data directory: answers by `METHOD /path`, and writes down what it was asked. */
export function fakeServer(dataDir: string, answers: { [call: string]: unknown }) {
  const asked: Asked[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/healthz" || pathname === "/readyz") return new Response("{}");
      const text = await request.text();
      asked.push({
        method: request.method,
        path: pathname,
        authorization: request.headers.get("authorization"),
        dryRun: request.headers.get("x-omniroute-dry-run"),
        body: text === "" ? undefined : JSON.parse(text),
      });
      const answer = answers[`${request.method} ${pathname}`];
      if (answer instanceof Response) return answer.clone();
      if (answer !== undefined) return Response.json(answer);
      return Response.json(
        { error: { message: "There is no such address.", code: "not_found" } },
        { status: 404 },
      );
    },
  });
  mkdirSync(dataDir, { recursive: true });
  const facts = {
    pid: process.pid,
    port: server.port,
    host: "127.0.0.1",
    startedAt: NOW - 7_260_000,
    version: "9.9.9",
  };
  writeFileSync(join(dataDir, "server.json"), JSON.stringify(facts));
  writeFileSync(join(dataDir, "cli-token"), OWNER_TOKEN);
  return { asked, url: `http://127.0.0.1:${server.port}`, [Symbol.dispose]: () => void server.stop(true) };
}
