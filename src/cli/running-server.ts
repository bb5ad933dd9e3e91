import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isObject, tryParseJson, type JsonObject } from "../lib/json.ts";
import { type SseEvent, SseSplitter } from "../lib/sse.ts";
import { CliError } from "./context.ts";
import { localAddress, readServerFile, type ServerFile } from "./server-file.ts";

const PATIENCE_MS = 120_000;
const PROBE_MS = 5000;

/** The server on a data directory, asked with the credential that only the directory's owner can read. */
export class RunningServer {
  readonly address: string;
  readonly #token: string | undefined;

  constructor(
    readonly facts: ServerFile,
    dataDir: string,
  ) {
    this.address = localAddress(facts);
    this.#token = readToken(dataDir);
  }

  /** Calls the management API; gives the JSON answer. Throws `CliError` with the server's own words. */
  async call(
    method: "GET" | "POST" | "PUT" | "DELETE",
    path: string,
    body?: unknown,
    headers: { [name: string]: string } = {},
  ): Promise<JsonObject> {
    const text = await (await this.#answer(method, path, body, headers)).text();
    const answer = text === "" ? {} : tryParseJson(text);
    if (!isObject(answer)) throw new CliError(`The server gave no JSON for ${path}.`);
    return answer;
  }

  /** Like `call`, for what is answered with a list. */
  async list(path: string): Promise<unknown[]> {
    const answer = tryParseJson(await (await this.#answer("GET", path)).text());
    if (!Array.isArray(answer)) throw new CliError(`The server gave no list for ${path}.`);
    return answer;
  }

  /** Calls for a file; gives its bytes. */
  async download(method: "GET" | "POST", path: string, body?: unknown): Promise<Uint8Array> {
    return new Uint8Array(await (await this.#answer(method, path, body)).arrayBuffer());
  }

  /** An answer's text as it is. */
  async text(path: string): Promise<string> {
    return (await this.#answer("GET", path)).text();
  }

  /** Server-sent events as they come, until the server ends. */
  async *events(path: string): AsyncGenerator<SseEvent> {
    const { body } = await this.#answer("GET", path, undefined, {}, false);
    if (!body) return;
    const splitter = new SseSplitter();
    for await (const chunk of body) yield* splitter.push(chunk);
  }

  /** An answer of the management API that is no refusal. Throws `CliError`. */
  async #answer(
    method: string,
    path: string,
    body?: unknown,
    headers: { [name: string]: string } = {},
    isBrief = true,
  ): Promise<Response> {
    if (this.#token === undefined)
      throw new CliError(
        "The server is running, but its owner token cannot be read.",
        1,
        "Run this command as the user who owns the data directory.",
      );
    const authorization = `Bearer ${this.#token}`;
    // A form names its type itself, with the mark between its parts.
    const type = !(body instanceof FormData) && { "content-type": "application/json" };
    const all = { authorization, ...type, ...headers };
    const response = await this.#fetch(method, path, body, all, isBrief);
    if (response.ok) return response;
    throw new CliError(refusal(response.status, tryParseJson(await response.text())));
  }

  /** Like `call`, for calls whose refusals are answers too (status 400 with `success`). */
  async ask(method: "POST", path: string, body: unknown): Promise<JsonObject> {
    const response = await this.#fetch(method, path, body, {
      authorization: `Bearer ${this.#token ?? ""}`,
      "content-type": "application/json",
    });
    const answer = tryParseJson(await response.text());
    if (isObject(answer) && "success" in answer) return answer;
    throw new CliError(refusal(response.status, answer));
  }

  async #fetch(
    method: string,
    path: string,
    body: unknown,
    headers: { [name: string]: string },
    isBrief = true,
  ): Promise<Response> {
    try {
      return await fetch(this.address + path, {
        method,
        headers,
        ...(body !== undefined && { body: body instanceof FormData ? body : JSON.stringify(body) }),
        redirect: "manual",
        proxy: false,
        ...(isBrief && { signal: AbortSignal.timeout(PATIENCE_MS) }),
      });
    } catch (error) {
      throw new CliError(`The server at ${this.address} did not answer (${reason(error)}).`);
    }
  }
}

/** The server that runs on a data directory, or undefined when none does. */
export async function findServer(dataDir: string): Promise<RunningServer | undefined> {
  const facts = readServerFile(dataDir);
  if (!facts || !isAlive(facts.pid)) return undefined;
  if ((await probe(localAddress(facts), "/healthz")) === undefined) return undefined;
  return new RunningServer(facts, dataDir);
}

/** The status a path answers with, or undefined when nobody answers. */
export async function probe(address: string, path: string): Promise<number | undefined> {
  try {
    const response = await fetch(address + path, {
      redirect: "manual",
      proxy: false,
      signal: AbortSignal.timeout(PROBE_MS),
    });
    await response.body?.cancel();
    return response.status;
  } catch {
    return undefined;
  }
}

function readToken(dataDir: string): string | undefined {
  try {
    return readFileSync(join(dataDir, "cli-token"), "utf8").trim() || undefined;
  } catch {
    return undefined;
  }
}

/** A process of another user counts as alive: the system refuses to signal it. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
  }
}

function refusal(status: number, answer: unknown): string {
  const error = isObject(answer) && isObject(answer.error) ? answer.error : undefined;
  const message =
    typeof error?.message === "string" ? error.message : `The server answered with status ${status}.`;
  const details = Array.isArray(error?.details) ? error.details.filter(isObject) : [];
  const fields = details
    // The message names the first of them already.
    .filter((detail) => !message.includes(String(detail.message)))
    .map((detail) => `${String(detail.field)}: ${String(detail.message)}`);
  return [message, ...fields].join(" ");
}

const reason = (error: unknown): string =>
  (error as { code?: string }).code ?? (error instanceof Error ? error.name : "unknown error");
