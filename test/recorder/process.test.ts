import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startUpstream, type Upstream } from "../kit/upstream.ts";

const MAIN = join(import.meta.dir, "../../src/main.ts");
const SECRET = "canary-of-the-provider-0123456789";
let directory: string;
let upstream: Upstream;
let server: Bun.Subprocess<"ignore", "pipe", "pipe">;

const env = () => ({
  PATH: process.env["PATH"] ?? "",
  HOME: directory,
  DATA_DIR: join(directory, "data"),
  INITIAL_PASSWORD: "a long enough test password",
});

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "omniroute-bundle-"));
  upstream = startUpstream(() => ({
    type: "json",
    status: 400,
    body: { error: { message: `Your key ${SECRET} may not use this model.`, code: "model_not_allowed" } },
  }));
  server = Bun.spawn(["bun", MAIN, "serve", "--no-open", "--port", "0"], {
    env: env(),
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
});
afterAll(async () => {
  server.kill();
  await server.exited;
  await upstream.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** Runs a command of the program to its end. */
async function run(...words: string[]): Promise<{ code: number; out: string }> {
  const child = Bun.spawn(["bun", MAIN, ...words], {
    env: env(),
    cwd: directory,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, out: out + err };
}

async function address(): Promise<string> {
  for (let wait = 0; wait < 500; wait++) {
    const file = Bun.file(join(directory, "data", "server.json"));
    if (await file.exists()) return `http://127.0.0.1:${((await file.json()) as { port: number }).port}`;
    await Bun.sleep(50);
  }
  throw new Error("The server did not start.");
}

test("a failing request becomes a file without secrets that fails the same way without the server", async () => {
  const url = await address();
  const token = readFileSync(join(directory, "data", "cli-token"), "utf8").trim();
  const call = async (path: string, body: object, headers: Record<string, string>) => {
    const response = await fetch(url + path, { method: "POST", headers, body: JSON.stringify(body) });
    return { response, body: (await response.json()) as any };
  };
  const owner = { authorization: `Bearer ${token}` };
  const node = { name: "mine", prefix: "mine", type: "openai-compatible", baseUrl: `${upstream.url}/v1` };
  const made = await call("/api/provider-nodes", node, owner);
  await call(
    "/api/providers",
    { provider: made.body.node.id, name: "anna@example.org", apiKey: SECRET },
    owner,
  );

  const failed = await call(
    "/v1/messages",
    { model: "mine/gpt-test", max_tokens: 10, messages: [{ role: "user", content: "Hi" }] },
    { "x-omniroute-debug": "true", "x-api-key": "sk-canary-of-the-client-0123456789" },
  );
  expect(failed.response.status).toBe(400);
  const id = failed.response.headers.get("x-request-id")!;

  const bundled = await run("bundle", id, "failure.json");
  expect(bundled).toMatchObject({ code: 0, out: expect.stringContaining("omniroute replay failure.json") });
  const text = readFileSync(join(directory, "failure.json"), "utf8");
  expect(text).not.toMatch(/canary|anna@example/);
  expect(text).toBe((await run("bundle", id, "-")).out);

  server.kill();
  await server.exited;
  await upstream.stop();
  const played = await run("replay", "failure.json");
  expect(played.out).toContain("The same came of it.");
  expect(played.out).toContain("status 400");
  expect(played.code).toBe(0);
  const { now, then } = JSON.parse((await run("replay", "failure.json", "--json")).out) as any;
  expect(now.errorCode).toBe(then.errorCode);

  await Bun.write(join(directory, "changed.json"), text.replaceAll('"status": 400', '"status": 401'));
  expect(await run("replay", "changed.json")).toMatchObject({ code: 1 });
  expect(await run("replay", "nowhere.json")).toMatchObject({
    code: 1,
    out: expect.stringContaining("ENOENT"),
  });
  await Bun.write(join(directory, "no-bundle.json"), "{}");
  expect(await run("replay", "no-bundle.json")).toMatchObject({ code: 2 });
}, 60_000);
