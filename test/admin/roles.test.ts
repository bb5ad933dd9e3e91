import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Admin, createAdmin } from "../../src/admin/index.ts";
import type { Role } from "../../src/admin/guard.ts";
import { methodsOf } from "../../src/admin/route-table.ts";
import { KEY_SCOPES } from "../../src/core/key.ts";
import { TEST_PASSWORD } from "../kit/gateway.ts";
import { type InProcess, startInProcess } from "../kit/in-process.ts";

/** Which routes each caller may use; all others must be shut to it. */
const MAY: { readonly [caller: string]: readonly Role[] } = {
  nobody: ["setup", "anybody"],
  inference: ["setup", "anybody"],
  metrics: ["setup", "anybody", "metrics"],
  sync: ["setup", "anybody", "sync"],
  read: ["setup", "anybody", "metrics", "reader"],
  admin: ["setup", "anybody", "metrics", "sync", "reader", "admin"],
  session: ["setup", "anybody", "metrics", "sync", "reader", "admin"],
  owner: ["setup", "anybody", "metrics", "sync", "reader", "admin", "owner"],
};

let gateway: InProcess;
let admin: Admin;
const headers: { [caller: string]: { [name: string]: string } } = {};
beforeAll(async () => {
  gateway = await startInProcess();
  admin = createAdmin(gateway.engine);
  const { access } = gateway.engine;
  for (const scope of KEY_SCOPES)
    headers[scope] = { authorization: `Bearer ${access.createKey({ name: scope, scopes: [scope] }).key}` };
  headers["nobody"] = {};
  headers["session"] = { cookie: `auth_token=${(await access.login(TEST_PASSWORD, "127.0.0.1")).token}` };
  const token = readFileSync(join(gateway.dataDir, "cli-token"), "utf8").trim();
  headers["owner"] = { authorization: `Bearer ${token}` };
});
afterAll(() => gateway.stop());

describe.each(Object.entries(MAY))("%s", (caller, roles) => {
  test("reaches its own routes and no others", async () => {
    const wrong: string[] = [];
    for (const route of admin.facts)
      for (const method of methodsOf(route)) {
        const mayPass = roles.includes(route.role);
        // What a caller may change is tried elsewhere; here nothing is to be restarted or emptied.
        if (mayPass && method !== "GET") continue;
        const isRefused = await refused(method, sample(route.path), caller);
        if (isRefused === mayPass) wrong.push(`${method} ${route.path} (${route.role})`);
      }
    expect(wrong).toEqual([]);
  });
});

test("a change with a cookie and no sign of its origin is told what is missing", async () => {
  const address = "/api/cache";
  const answer = await asked("DELETE", address, headers["session"]!);
  expect([answer.status, await answer.json()]).toEqual([
    403,
    expect.objectContaining({
      error: expect.objectContaining({
        code: "cross_site",
        message: expect.stringContaining("X-Requested-With"),
      }),
    }),
  ]);
  const shown = await asked("DELETE", address, { ...headers["session"], "x-requested-with": "curl" });
  expect(shown.status).toBe(200);
});

test("what only looks changes nothing: routes for readers are GETs, or lead to one", () => {
  const changing = admin.facts
    .filter((route) => route.role === "reader" && [...methodsOf(route)].some((method) => method !== "GET"))
    .map(({ path }) => path);
  expect([...new Set(changing)].toSorted()).toEqual([
    "/api/cli-tools/:name{antigravity-mitm.*}",
    "/api/oauth/cursor/*",
    "/api/rate-limit",
    "/api/sync/initialize",
  ]);
});

/** An address that the path fits, of a thing that is not there. */
const sample = (path: string): string =>
  path
    .replace(/:\w+\{antigravity.*\}/, "antigravity-mitm")
    .replace(/:\w+\{.*-settings\}/, "none-settings")
    .replace(/:\w+|\*$/g, "x");

async function refused(method: string, path: string, caller: string): Promise<boolean> {
  const response = await asked(
    method,
    path,
    { "content-type": "application/json", ...headers[caller] },
    method === "GET" ? undefined : "{}",
  );
  if (response.status !== 401 && response.status !== 403) {
    await response.body?.cancel();
    return false;
  }
  const { error } = (await response.json()) as { error: { code: string; message: string } };
  // A hub that is switched off says so to those who may ask.
  return error.code === "login_required" || !error.message.includes("syncHub");
}

async function asked(
  method: string,
  path: string,
  shown: { [name: string]: string },
  body?: string,
): Promise<Response> {
  const url = new URL(path, "http://localhost:20128");
  return admin.fetch(new Request(url, { method, headers: shown, ...(body !== undefined && { body }) }), {
    requestId: "req_roles",
    url,
    path: url.pathname,
    peer: "127.0.0.1",
    passedOn: false,
    unlimited: () => {},
  });
}
