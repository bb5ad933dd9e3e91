import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canMakeCertificates, makeCertificate } from "../kit/certificate.ts";
import { failureOf, testOutbound, testRequest } from "./kit.ts";

const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch: (request) => new Response(`${request.headers.get("host")} ${new URL(request.url).pathname}`),
});
afterAll(() => server.stop(true));

const entered = (url: string, change = {}) =>
  testRequest(url, { method: "GET", userEntered: true, ...change });

describe("an address that a person typed in", () => {
  test("is dialled where it was checked, under its own name, and resolved once", async () => {
    const asked: string[] = [];
    const answers = [["127.0.0.1"], ["169.254.169.254"]];
    const outbound = testOutbound({
      resolve: async (name) => {
        asked.push(name);
        return answers[asked.length - 1] ?? [];
      },
    });
    const answer = await outbound.send(entered(`http://model.test:${server.port}/v1/models`));
    expect(await answer.text(100)).toBe(`model.test:${server.port} /v1/models`);
    expect(asked).toEqual(["model.test"]);
    const failure = await failureOf(outbound.send(entered(`http://model.test:${server.port}/v1/models`)));
    expect(failure.message).toContain("169.254.169.254 is a metadata service, which is never called");
  });

  test("is tried at its next address when one takes no connection", async () => {
    const outbound = testOutbound({ resolve: async () => ["127.0.0.2", "127.0.0.1"] });
    const answer = await outbound.send(entered(`http://model.test:${server.port}/`));
    expect(answer.status).toBe(200);
  });

  test("loses only its forbidden addresses", async () => {
    const outbound = testOutbound({ resolve: async () => ["169.254.1.1", "fe80::1", "127.0.0.1"] });
    expect((await outbound.send(entered(`http://model.test:${server.port}/`))).status).toBe(200);
  });

  test.each([
    ["http://localhost", {}],
    ["http://sub.localhost", {}],
    ["http://127.0.0.1", {}],
    ["http://127.1", {}],
  ])("%s is this machine", async (origin, config) => {
    const answer = await testOutbound({ config }).send(entered(`${origin}:${server.port}/`));
    expect(answer.status).toBe(200);
  });

  test.each([
    ["http://localhost", { allowPrivateUpstreams: false }, /ALLOW_PRIVATE_UPSTREAMS is off/],
    ["http://model.test", { allowPrivateUpstreams: false }, /ALLOW_PRIVATE_UPSTREAMS is off/],
    ["http://metadata.google.internal", {}, /metadata service/],
    ["http://169.254.169.254", {}, /metadata service/],
    ["http://[::ffff:169.254.169.254]", {}, /metadata service/],
    ["http://0.0.0.0", {}, /never called/],
  ])("%s under %j is not dialled", async (origin, config, words) => {
    const outbound = testOutbound({ config, resolve: async () => ["127.0.0.1"] });
    const failure = await failureOf(outbound.send(entered(`${origin}:${server.port}/`)));
    expect(failure.kind).toBe("unreachable");
    expect(failure.message).toMatch(words);
  });

  test.each(["http://127.0.0.1", "http://localhost", "http://model.test"])(
    "%s at our own port would be a loop",
    async (origin) => {
      const outbound = testOutbound({ ownPort: () => server.port, resolve: async () => ["127.0.0.1"] });
      const failure = await failureOf(outbound.send(entered(`${origin}:${server.port}/`)));
      expect(failure.message).toContain("this gateway itself");
    },
  );

  test("of a built-in local server at our own port would be one as well; elsewhere it needs no permission", async () => {
    const config = { allowPrivateUpstreams: false };
    const local = (ownPort: number) =>
      testOutbound({ config, ownPort: () => ownPort }).send(
        entered(`http://localhost:${server.port}/`, { userEntered: false }),
      );
    expect((await failureOf(local(server.port!))).message).toContain("this gateway itself");
    expect((await local(1)).status).toBe(200);
  });

  test("that nobody can resolve is unreachable", async () => {
    const outbound = testOutbound({ resolve: async () => Promise.reject(new Error("ENOTFOUND")) });
    const failure = await failureOf(outbound.send(entered("http://model.test/")));
    expect(failure).toMatchObject({ kind: "unreachable", providerCode: "ENOTFOUND" });
  });
});

if (!canMakeCertificates) console.warn("openssl is not here: the tests of certificates are skipped.");

describe.skipIf(!canMakeCertificates)("a certificate", () => {
  const directory = mkdtempSync(join(tmpdir(), "omniroute-tls-"));
  let secure: ReturnType<typeof Bun.serve>;
  let received = 0;

  beforeAll(() => {
    secure = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      tls: makeCertificate(directory, ["DNS:model.test"]),
      fetch: (request) => {
        received++;
        return new Response(request.headers.get("host"));
      },
    });
  });
  afterAll(async () => {
    await secure.stop(true);
    rmSync(directory, { recursive: true });
  });

  test("that nobody vouches for is told as such, and nothing is sent", async () => {
    const outbound = testOutbound({ resolve: async () => ["127.0.0.1"] });
    const failure = await failureOf(
      outbound.send(entered(`https://model.test:${secure.port}/`, { headers: { "x-api-key": "sk-secret" } })),
    );
    expect(failure.kind).toBe("unreachable");
    expect(failure.message).toBe(
      `TLS with model.test:${secure.port} failed: its certificate is self-signed.`,
    );
    expect(received).toBe(0);
  });

  /** Another process, because trust in an authority of one's own is given at start. */
  async function trusting(name: string): Promise<string> {
    const script = `
      import { testOutbound, testRequest } from ${JSON.stringify(join(import.meta.dir, "kit.ts"))};
      const outbound = testOutbound({ resolve: async () => ["127.0.0.1"] });
      const request = testRequest("https://${name}:${secure.port}/", { method: "GET", userEntered: true });
      try {
        console.log(await (await outbound.send(request)).text(100));
      } catch (error) {
        console.log(error.message);
      }`;
    const file = join(directory, "trusting.ts");
    writeFileSync(file, script);
    const child = Bun.spawn([process.execPath, file], {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: join(directory, "cert.pem") },
      stdout: "pipe",
    });
    return (await new Response(child.stdout).text()).trim();
  }

  test("is checked against the name, though the address is dialled", async () => {
    expect(await trusting("model.test")).toBe(`model.test:${secure.port}`);
  });

  test("for another name is refused", async () => {
    expect(await trusting("other.test")).toBe(
      `TLS with other.test:${secure.port} failed: its certificate is for another name.`,
    );
  });
});
