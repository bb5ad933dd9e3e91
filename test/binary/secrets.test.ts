import { expect, test } from "bun:test";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readTar } from "../../src/lib/tar.ts";
import { FORMER_SECRET, omniRoute38 } from "../kit/former-files.ts";
import { executable, folder, serve, setUp } from "./kit.ts";

const SECRETS = {
  provider: "sk-canary-provider-key-00001",
  proxy: "canary-proxy-password-00002",
  password: "canary admin password 00003",
  declared: "sk-canary-declared-key-00005",
  former: "sk-former-openai-key",
  refresh: "former-refresh",
  storageKey: FORMER_SECRET,
};

test("F-12, F-13: after a full run neither logs nor the archive to share hold a secret, nor any file a plain one", async () => {
  await executable();
  // Repeats the key it was called with, as careless servers do.
  using upstream = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) => {
      const key = request.headers.get("authorization") ?? "";
      return Response.json({ error: { message: `Wrong key: ${key}`, type: "auth" } }, { status: 401 });
    },
  });
  using data = folder();
  writeFileSync(
    join(data.path, "omniroute.toml"),
    '[[keys]]\nname = "declared"\nkey = "${CI_KEY}"\n[[connections]]\nprovider = "groq"\nname = "file"\napiKey = "${CI_KEY}"\n',
    { mode: 0o600 },
  );
  const server = await serve(data.path, {
    env: { LOG_LEVEL: "debug", ENABLE_REQUEST_LOGS: "true", CI_KEY: SECRETS.declared },
  });
  await setUp(server, SECRETS.password);
  const headers = {
    authorization: `Bearer ${readFileSync(join(data.path, "cli-token"), "utf8").trim()}`,
    "content-type": "application/json",
  };
  const api = async (method: string, path: string, body?: object) => {
    const answer = await fetch(server.url + path, {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, text: await answer.text() };
  };
  const told: string[] = [];
  const note = async (asked: Promise<{ status: number; text: string }>) => told.push((await asked).text);

  const node = JSON.parse(
    (
      await api("POST", "/api/provider-nodes", {
        name: "Own",
        prefix: "own",
        type: "openai-compatible",
        baseUrl: `http://127.0.0.1:${upstream.port}/v1`,
      })
    ).text,
  ) as { node?: { id: string }; id?: string };
  await note(
    api("POST", "/api/providers", {
      provider: node.node?.id ?? node.id ?? "own",
      name: "canary",
      apiKey: SECRETS.provider,
    }),
  );
  await note(
    api("PUT", "/api/settings/proxy", {
      providers: {
        groq: { type: "http", host: "127.0.0.1", port: 9, username: "u", password: SECRETS.proxy },
      },
    }),
  );
  await note(
    api("POST", "/api/settings/proxy/test", {
      proxy: { type: "http", host: "127.0.0.1", port: 9, username: "u", password: SECRETS.proxy },
    }),
  );
  const { key } = JSON.parse((await api("POST", "/api/keys", { name: "client" })).text) as { key: string };
  const call = (model: string) =>
    fetch(`${server.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }] }),
    });
  for (const model of ["own/a", "mock/echo", "groq/a", "nothing/there"])
    told.push(await (await call(model)).text());
  await note(api("POST", "/api/providers/test-batch", { mode: "all" }));
  const form = new FormData();
  form.set("file", new File([Buffer.from(omniRoute38())], "storage.sqlite"));
  form.set("storageEncryptionKey", SECRETS.storageKey);
  form.set("mode", "merge");
  const imported = await fetch(`${server.url}/api/db-backups/import`, {
    method: "POST",
    headers: { authorization: headers.authorization },
    body: form,
  });
  told.push(await imported.text());
  expect(imported.status).toBe(200);
  await fetch(`${server.url}/api/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ password: SECRETS.password }),
  });
  for (const path of [
    "/api/providers",
    "/api/keys",
    "/api/settings",
    "/api/settings/proxy",
    "/api/usage/call-logs",
    "/api/usage/proxy-logs",
    "/api/compliance/audit-log?limit=500",
    "/api/logs/console",
    "/api/db-backups",
    "/api/config-file/export",
  ])
    await note(api("GET", path));

  const archive = Buffer.from(
    await (await fetch(`${server.url}/api/db-backups/exportAll`, { headers })).arrayBuffer(),
  );
  const own = Buffer.from(
    await (await fetch(`${server.url}/api/db-backups/export`, { headers })).arrayBuffer(),
  );
  expect(await server.stop()).toBe(0);

  const words = [...Object.values(SECRETS), key];
  const found = (bytes: Buffer) => words.filter((word) => bytes.includes(word));
  const unpacked = readTar(Bun.gunzipSync(archive));
  expect(unpacked.map(({ name }) => name)).toContain("storage.sqlite");
  for (const { name, bytes } of unpacked) expect([name, found(Buffer.from(bytes))]).toEqual([name, []]);
  for (const { name, bytes } of unpacked)
    expect([name, Buffer.from(bytes).includes("omni:v1:")]).toEqual([name, false]);
  expect(found(own)).toEqual([]);
  expect(found(Buffer.from(await server.errors))).toEqual([]);
  expect(found(Buffer.from(told.join("\n")))).toEqual([]);
  for (const path of filesBelow(data.path)) expect([path, found(readFileSync(path))]).toEqual([path, []]);
  for (const path of filesBelow(data.path)) expect([path, statSync(path).mode & 0o077]).toEqual([path, 0]);
}, 120_000);

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
