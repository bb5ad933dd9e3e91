import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cpSync, existsSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ServerFile } from "../../src/cli/server-file.ts";
import { VERSION } from "../../src/version.ts";
import { chat, executable, folder, run, serve, setUp, textOf, type Serving } from "./kit.ts";

const BUILD_MS = 180_000;
beforeAll(async () => {
  await executable();
}, BUILD_MS);

describe("without a server", () => {
  test("--version prints the version and the commit", async () => {
    const { code, out } = await run({ args: ["--version"] });
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^${VERSION.replaceAll(".", "\\.")}(?: \\([0-9a-f]+\\))?\n$`));
  });

  test("an unknown command is wrong use, with a hint", async () => {
    const { code, out, err } = await run({ args: ["docter"] });
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain("omniroute doctor");
  });

  test("commands open the store themselves", async () => {
    using data = folder();
    const words = ["--data-dir", data.path, "--json"];
    const made = await run({ args: ["key", "create", "laptop", ...words] });
    expect(made.err).toBe("");
    const { key } = JSON.parse(made.out) as { key: string };
    expect(key).toMatch(/^sk-omni-[\w-]{43}$/);
    const listed = await run({ args: ["key", "list", ...words] });
    const { keys } = JSON.parse(listed.out) as { keys: { name: string; key: string }[] };
    expect(keys).toMatchObject([{ name: "laptop" }]);
    expect(listed.out).not.toContain(key);
    for (const args of [["provider", "list"], ["combo", "list"], ["doctor"]])
      expect((await run({ args: [...args, ...words], env: { PORT: "0" } })).code).toBe(0);
  });
});

describe("a server on an empty directory", () => {
  const data = folder();
  const elsewhere = folder();
  let server: Serving;
  beforeAll(async () => {
    // A foreign folder may hold settings and code: neither may be taken up.
    const witness = join(elsewhere.path, "witness");
    writeFileSync(
      join(elsewhere.path, "evil.ts"),
      `require("node:fs").writeFileSync(${JSON.stringify(witness)}, "ran");`,
    );
    writeFileSync(join(elsewhere.path, "bunfig.toml"), 'preload = ["./evil.ts"]\n');
    writeFileSync(
      join(elsewhere.path, ".env"),
      "MAX_BODY_MB=nonsense\nINITIAL_PASSWORD=taken from a foreign file\n",
    );
    writeFileSync(join(elsewhere.path, "package.json"), '{"type":"commonjs"}');
    writeFileSync(join(elsewhere.path, "tsconfig.json"), "{ not even json");
    server = await serve(data.path, { cwd: elsewhere.path });
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    data[Symbol.dispose]();
    elsewhere[Symbol.dispose]();
  });

  test("greets in at most ten lines, with the set-up link", () => {
    const lines = server.greeting.trimEnd().split("\n");
    expect(lines.length).toBeLessThanOrEqual(10);
    expect(server.greeting).toContain(`OmniRoute ${VERSION}`);
    expect(server.greeting).toContain(`http://localhost:${server.port}/v1`);
    expect(server.greeting).toContain(data.path);
    expect(server.greeting).toMatch(/\/setup\?token=[\w-]{22,}/);
  });

  test("neither runs code nor takes settings from the folder it was started in", () => {
    expect(existsSync(join(elsewhere.path, "witness"))).toBe(false);
    expect(server.greeting).toContain("/setup?token=");
  });

  test("keeps its files to itself", () => {
    expect(statSync(data.path).mode & 0o777).toBe(0o700);
    for (const name of ["omniroute.sqlite", "logs.sqlite", "secrets.json", "server.json", "cli-token"])
      expect(`${name} ${(statSync(join(data.path, name)).mode & 0o777).toString(8)}`).toBe(`${name} 600`);
  });

  test("is found by its commands", async () => {
    const words = ["--data-dir", data.path];
    const status = await run({ args: ["status", "--json", ...words] });
    expect(JSON.parse(status.out)).toMatchObject({
      running: true,
      url: server.url,
      pid: server.process.pid,
      version: VERSION,
    });
    expect((await run({ args: ["healthcheck", ...words] })).code).toBe(0);
    const link = await run({ args: ["setup-link", ...words] });
    expect(link.err).toBe("");
    expect(link.out).toMatch(/^http:\/\/(?:localhost|127\.0\.0\.1):\d+\/setup\?token=[\w-]{22,}\n$/);
  });

  test("serves every file of the dashboard from inside itself", async () => {
    const page = await (await fetch(`${server.url}/setup`)).text();
    const styles = /href="(\/assets\/[^"]+\.css)"/.exec(page)?.[1];
    expect(styles).toBeString();
    expect((await (await fetch(server.url + styles!)).text()).length).toBeGreaterThan(1000);
    // What was built is what is inside.
    const manifest = tryRead(join(import.meta.dir, "../../dist/assets/manifest.json")) as {
      [name: string]: { file: string; type: string };
    };
    for (const { file, type } of Object.values(manifest)) {
      const answer = await fetch(`${server.url}/assets/${file}`);
      expect(`${file} ${answer.status} ${answer.headers.get("content-type")}`).toBe(`${file} 200 ${type}`);
    }
  });

  test("is set up, answers a stream, and makes keys that work", async () => {
    await setUp(server);
    const stream = await (await chat(server, "mock/echo", "Grüße aus 東京")).text();
    expect(textOf(stream)).toContain("Grüße aus 東京");
    expect(stream.trimEnd()).toEndWith("data: [DONE]");
    const made = await run({ args: ["key", "create", "x", "--json", "--data-dir", data.path] });
    expect(made.err).toBe("");
    const { key } = JSON.parse(made.out) as { key: string };
    const models = await fetch(`${server.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
    expect(models.status).toBe(200);
  });

  test("explains a plan and a request to its commands", async () => {
    const plan = await run({ args: ["plan", "mock/echo", "--data-dir", data.path] });
    expect(plan.err).toBe("");
    expect(plan.out).toContain("mock/echo");
    const answer = await chat(server, "mock/echo", "Hello", false);
    await answer.text();
    const id = answer.headers.get("x-request-id") ?? "";
    const explain = () => run({ args: ["explain", id, "--data-dir", data.path] });
    // Requests are logged a little after their answers.
    let told = await explain();
    while (told.code !== 0) told = await explain();
    expect(told.err).toBe("");
    expect(told.out).toContain("mock/echo");
  });

  test("does not share its directory with a second process", async () => {
    const second = await run({ args: ["serve", "--port", "0", "--no-open", "--data-dir", data.path] });
    expect(second.code).toBe(4);
    expect(second.err).toContain("Another OmniRoute is running");
  });

  test("does not share its port with a second process", async () => {
    using other = folder();
    const second = await run({
      args: ["serve", "--port", String(server.port), "--no-open", "--data-dir", other.path],
    });
    expect(second.code).toBe(3);
    expect(second.err).toContain(`Port ${server.port} is taken`);
    if (process.platform === "linux") expect(second.err).toContain(`process ${server.process.pid}`);
  });

  test("ends with code 0 at SIGTERM and takes its traces away", async () => {
    expect(await server.stop()).toBe(0);
    expect(existsSync(join(data.path, "server.json"))).toBe(false);
    expect(existsSync(join(data.path, "cli-token"))).toBe(false);
  });
});

describe("a directory that cannot be used", () => {
  const whole = folder();
  beforeAll(async () => {
    const server = await serve(whole.path);
    await setUp(server);
    await server.stop();
  });
  afterAll(() => whole[Symbol.dispose]());

  const start = (dataDir: string, env?: Record<string, string>) =>
    run({ args: ["serve", "--port", "0", "--no-open", "--data-dir", dataDir], ...(env && { env }) });

  /** A copy of the sound directory that a case may spoil. */
  function copy(at: string): string {
    const path = join(at, "data");
    cpSync(whole.path, path, { recursive: true });
    return path;
  }

  test("below a file: code 4", async () => {
    using at = folder();
    writeFileSync(join(at.path, "file"), "");
    const { code, err } = await start(join(at.path, "file/data"));
    expect(code).toBe(4);
    expect(err).toContain("is not a directory");
  });

  test.skipIf(process.platform !== "linux")("not writable: code 4", async () => {
    // Also root cannot write there.
    const { code, err } = await start("/proc/omniroute");
    expect(code).toBe(4);
    expect(err).toContain("/proc/omniroute");
  });

  test.each([
    ["truncated", (file: string) => truncateSync(file, 6000)],
    ["empty", (file: string) => truncateSync(file, 0)],
    ["no database", (file: string) => writeFileSync(file, "x".repeat(20_000))],
  ])("a database that is %s: code 5, and the file stays as it is", async (_name, spoil) => {
    using at = folder();
    const data = copy(at.path);
    const file = join(data, "omniroute.sqlite");
    spoil(file);
    const before = readFileSync(file);
    const { code, err } = await start(data);
    expect(code).toBe(5);
    expect(err).toContain("damaged");
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test("a database from a newer version: code 5, and its version is named", async () => {
    using at = folder();
    const data = copy(at.path);
    const database = new Database(join(data, "omniroute.sqlite"));
    database.run(
      "INSERT INTO migrations (tag, sha256, applied_at, version) VALUES ('9999_future', 'x', 1, '99.1.0')",
    );
    database.close();
    const { code, err } = await start(data);
    expect(code).toBe(5);
    expect(err).toContain("OmniRoute 99.1.0");
  });

  test("secrets lost while credentials are sealed with them: code 5, and no new ones are made", async () => {
    using at = folder();
    const data = copy(at.path);
    const secrets = join(data, "secrets.json");
    writeFileSync(secrets, "{}");
    const { code } = await start(data);
    expect(code).toBe(5);
    expect(readFileSync(secrets, "utf8")).toBe("{}");
  });

  test("a setting that means nothing: code 2, naming it", async () => {
    using at = folder();
    const { code, err } = await start(join(at.path, "data"), { FETCH_TIMEOUT_MS: "soon" });
    expect(code).toBe(2);
    expect(err).toContain("FETCH_TIMEOUT_MS");
    expect(existsSync(join(at.path, "data"))).toBe(false);
  });
});

describe("ending and beginning again", () => {
  test("SIGTERM lets a running stream finish, then the process ends with code 0", async () => {
    using data = folder();
    await using server = await serve(data.path);
    await setUp(server);
    const response = await chat(
      server,
      "mock/slow?first=100&gap=150",
      "one two three four five six seven eight",
    );
    const reader = response.body!.getReader();
    const decoder = new TextDecoder();
    let text = "";
    while (!text.includes("content")) text += decoder.decode((await reader.read()).value, { stream: true });
    server.process.kill("SIGTERM");
    for (let next = await reader.read(); !next.done; next = await reader.read())
      text += decoder.decode(next.value);
    expect(textOf(text)).toContain("one two three four five six seven eight");
    expect(text.trimEnd()).toEndWith("data: [DONE]");
    expect(await server.process.exited).toBe(0);
  });

  test("a second signal ends at once, whatever still runs", async () => {
    using data = folder();
    await using server = await serve(data.path);
    await setUp(server);
    const response = await chat(server, "mock/stall?ms=20000&at=1", "Hello");
    const reader = response.body!.getReader();
    await reader.read();
    server.process.kill("SIGTERM");
    while ((await fetch(`${server.url}/readyz`)).status !== 503) await Bun.sleep(10);
    expect(server.process.exitCode).toBeNull();
    server.process.kill("SIGTERM");
    expect(await server.process.exited).toBe(143);
    await reader.cancel().catch(() => {});
  });

  test.skipIf(process.platform === "win32")(
    "a restart asked for by the owner keeps process and data; a shutdown ends with code 0",
    async () => {
      using data = folder();
      await using server = await serve(data.path);
      await setUp(server);
      const facts = () => tryRead(join(data.path, "server.json")) as ServerFile | undefined;
      const ask = (url: string, what: string) =>
        fetch(`${url}/api/${what}`, {
          method: "POST",
          headers: { authorization: `Bearer ${readFileSync(join(data.path, "cli-token"), "utf8")}` },
        });
      const before = facts()!;

      expect((await ask(server.url, "restart")).status).toBe(200);
      await until(() => (facts()?.startedAt ?? 0) > before.startedAt);
      const again = facts()!;
      expect(again.pid).toBe(server.process.pid);
      const url = `http://127.0.0.1:${again.port}`;
      expect((await fetch(`${url}/readyz`)).status).toBe(200);

      expect((await ask(url, "shutdown")).status).toBe(200);
      expect(await server.process.exited).toBe(0);
      expect(existsSync(join(data.path, "server.json"))).toBe(false);
    },
  );

  test("after kill -9 the next start is clean and every acknowledged key is there", async () => {
    using data = folder();
    const names: string[] = [];
    for (let round = 0; round < 3; round++) {
      const server = await serve(data.path);
      const name = `round-${round}`;
      if (round === 0) await setUp(server);
      const made = await run({ args: ["key", "create", name, "--data-dir", data.path] });
      expect(made.code).toBe(0);
      names.push(name);
      server.process.kill("SIGKILL");
      await server.process.exited;
    }
    const { out } = await run({ args: ["key", "list", "--json", "--data-dir", data.path] });
    const { keys } = JSON.parse(out) as { keys: { name: string }[] };
    expect(keys.map((key) => key.name).sort()).toEqual(names);
    expect((await run({ args: ["doctor", "--data-dir", data.path], env: { PORT: "0" } })).code).toBe(0);
  });
});

test("300 streams run at a time: no call to a provider waits for another to end", async () => {
  const COUNT = 300;
  let waiting = 0;
  const everybodyIsHere = Promise.withResolvers<void>();
  using upstream = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    async fetch(request) {
      if (request.method !== "POST") return Response.json({ data: [] });
      await request.text();
      if (++waiting === COUNT) everybodyIsHere.resolve();
      await everybodyIsHere.promise;
      const chunk = { id: "c", object: "chat.completion.chunk", created: 1, model: "m" };
      const lines = [
        {
          ...chunk,
          choices: [{ index: 0, delta: { role: "assistant", content: "here" }, finish_reason: null }],
        },
        { ...chunk, choices: [{ index: 0, delta: {}, finish_reason: "stop" }] },
      ].map((line) => `data: ${JSON.stringify(line)}\n\n`);
      return new Response(`${lines.join("")}data: [DONE]\n\n`, {
        headers: { "content-type": "text/event-stream" },
      });
    },
  });
  using data = folder();
  await using server = await serve(data.path);
  const cookie = await setUp(server);
  const made = await fetch(`${server.url}/api/providers`, {
    method: "POST",
    headers: { "content-type": "application/json", cookie },
    body: JSON.stringify({
      provider: "openai",
      name: "fake",
      apiKey: "sk-0123456789abcdefghij",
      baseUrl: `http://127.0.0.1:${upstream.port}/v1`,
    }),
  });
  expect(made.status).toBe(201);
  const answers = await Promise.all(
    Array.from({ length: COUNT }, () => rawChat(server.port, "openai/gpt-4o-mini")),
  );
  expect(answers.filter((answer) => answer.includes("here") && answer.includes("[DONE]"))).toHaveLength(
    COUNT,
  );
}, 60_000);

function tryRead(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

async function until(holds: () => boolean): Promise<void> {
  for (let waited = 0; waited < 20_000; waited += 50) {
    if (holds()) return;
    await Bun.sleep(50);
  }
  throw new Error("What was waited for did not happen within twenty seconds.");
}

/** A chat stream over a bare socket: the tests' own `fetch` is bounded to 256 calls as well. */
function rawChat(port: number, model: string): Promise<string> {
  const body = JSON.stringify({ model, stream: true, messages: [{ role: "user", content: "Hello" }] });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let text = "";
  void Bun.connect({
    hostname: "127.0.0.1",
    port,
    socket: {
      open(socket) {
        socket.write(
          `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
        );
      },
      data(_socket, bytes) {
        text += bytes.toString();
      },
      close: () => resolve(text),
      error: (_socket, error) => reject(error),
    },
  }).catch(reject);
  return promise;
}
