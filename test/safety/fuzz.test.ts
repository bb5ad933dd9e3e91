import { afterAll, beforeAll, expect, test } from "bun:test";
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Admin, createAdmin } from "../../src/admin/index.ts";
import { publicOperations } from "../../src/gateway/operations.ts";
import { type InProcess, ranUntil, startInProcess } from "../kit/in-process.ts";
import { garbageFor } from "../kit/schema-garbage.ts";

const SEED = 20_261_121;
const RUNS = 12;
/** Rests, as far as the gateway's own clock goes. */
const WITHIN_MS = 600_000;

let gateway: InProcess;
let admin: Admin;
let owner: string;
beforeAll(async () => {
  gateway = await startInProcess();
  admin = createAdmin(gateway.engine, publicOperations());
  owner = readFileSync(join(gateway.dataDir, "cli-token"), "utf8").trim();
  gateway.node("up");
  gateway.combo("both", ["up/a", "mock/echo"]);
});
afterAll(() => gateway.stop());

type Call = { method: string; path: string; schema: object; query: object };

/** All calls of an API that the document tells of, with what they take. */
function callsOf(isOurs: (path: string) => boolean): Call[] {
  return Object.entries(admin.document().paths)
    .filter(([path]) => isOurs(path))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        method: method.toUpperCase(),
        path,
        schema: operation.requestBody?.content["application/json"]?.schema ?? {},
        query: {
          type: "object",
          properties: Object.fromEntries(
            operation.parameters
              .filter((one) => one.in === "query")
              .map(({ name, schema }) => [name, schema]),
          ),
        },
      })),
    );
}

const segment = fc.oneof(
  fc.constantFrom("openai", "mock", "both", "x", "mock/echo", "__proto__", "%00", "%2e%2e", "😀"),
  fc.string({ minLength: 1, maxLength: 20 }).map(encodeURIComponentSafely),
);

function addressOf(path: string, words: readonly string[], query: unknown): string {
  let next = 0;
  const filled = path.replace(/\{\w+\}/g, () => words[next++ % words.length] ?? "x");
  const search = new URLSearchParams(
    Object.entries(query as object).map(([name, value]) => [
      name,
      typeof value === "string" ? value : JSON.stringify(value ?? null),
    ]),
  );
  return search.size === 0 ? filled : `${filled}?${search}`;
}

/** Lets the gateway's clock run while a call waits for it; what never answers runs into the test's own limit. */
async function answered(work: Promise<Response>): Promise<Response> {
  let isThere = false;
  const pending = work.finally(() => (isThere = true));
  await ranUntil(gateway.clock, WITHIN_MS, () => isThere);
  return pending;
}

const bindingsOf = (url: URL) => ({
  requestId: "req_fuzz",
  url,
  path: url.pathname,
  peer: "127.0.0.1",
  passedOn: false,
  unlimited: () => {},
});

test("J-05: garbage that knows the schemas finds no 500 and no hang in the management API", async () => {
  const kept = `Bearer ${owner}`;
  // Hashing passwords is slow on purpose; real sockets are not for a test of this kind.
  const calls = callsOf((path) => path.startsWith("/api/") || path === "/metrics").filter(
    ({ path }) =>
      !/^\/api\/(?:setup|auth\/|settings\/require-login|settings\/proxy\/test|events$|chat$|tags$)/.test(
        path,
      ),
  );
  expect(calls.length).toBeGreaterThan(150);
  for (const { method, path, schema, query } of calls) {
    const property = fc.asyncProperty(
      fc.array(segment, { minLength: 1, maxLength: 3 }),
      garbageFor(schema),
      garbageFor(query),
      async (words, body, asked) => {
        const isAsked = typeof asked === "object" && asked !== null && !Array.isArray(asked);
        const url = new URL(addressOf(path, words, isAsked ? asked : {}), "http://localhost:20128");
        const request = new Request(url, {
          method,
          headers: { authorization: kept },
          ...(method !== "GET" && { body: JSON.stringify(body) ?? "undefined" }),
        });
        const response = await answered(Promise.resolve(admin.fetch(request, bindingsOf(url))));
        const text = isStream(response) ? "" : await response.text();
        if (isStream(response)) await response.body?.cancel();
        if (response.status === 500)
          throw new Error(`${method} ${url.pathname}: ${text}\n${gateway.log.at(-1)}`);
        if (response.status >= 400) expect(text).not.toMatch(/\n\s+at |\/src\//);
      },
    );
    await fc.assert(property, { numRuns: RUNS, seed: SEED });
  }
  const { status } = await gateway.admin("GET", "/api/keys");
  expect(status).toBe(200);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
}, 120_000);

test("J-05: and none in the calls of clients", async () => {
  const calls = callsOf((path) => path.startsWith("/v1") || path === "/api/chat").filter(
    ({ method }) => method === "POST",
  );
  expect(calls.length).toBeGreaterThan(20);
  for (const { path, schema } of calls) {
    const body = fc.tuple(
      garbageFor(schema),
      fc.constantFrom("mock/echo", "both", "mock/think", "mock/tools", undefined),
    );
    const property = fc.asyncProperty(body, segment, async ([garbage, model], word) => {
      const named =
        typeof garbage === "object" && garbage !== null && model !== undefined
          ? { ...garbage, model }
          : garbage;
      const address = addressOf(
        path.replace("{model}", "mock/echo").replace("{provider}", "mock"),
        [word],
        {},
      );
      const { status, text } = await gateway.call(
        address.replace(/^\/api\/chat/, "/v1/api/chat"),
        named as object,
      );
      if (status === 500)
        throw new Error(`${path}: ${text}\n${JSON.stringify(named)}\n${gateway.log.at(-1)}`);
      if (status >= 400) expect(() => void JSON.parse(text)).not.toThrow();
      expect(text).not.toMatch(/\n\s+at |\/src\//);
    });
    await fc.assert(property, { numRuns: RUNS * 3, seed: SEED });
  }
}, 120_000);

const isStream = (response: Response): boolean =>
  /event-stream/.test(response.headers.get("content-type") ?? "");

function encodeURIComponentSafely(text: string): string {
  return encodeURIComponent(text.replace(/[\ud800-\udfff]/g, "?"));
}
