import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfig, type ConfigFlags } from "../src/config.ts";
import { PROVIDERS } from "../src/providers/index.ts";
import { PROVIDER_KEY_NAMES } from "../src/core/environment-names.ts";
import type { Config } from "../src/core/config.ts";
import { EnvFileError, parseEnvFile } from "../src/lib/env-file.ts";
import type { Environment } from "../src/lib/environment-reader.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "omniroute-config-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

const read = (env: Environment, flags: ConfigFlags = {}) =>
  readConfig({ env, flags, hostName: "Box.example.org", homeDir: "/home/ada" });

test("nothing set gives the defaults, bound to this machine alone", () => {
  const { config, warnings } = read({});
  expect(config).toMatchObject({
    port: 20_128,
    host: "127.0.0.1",
    dataDir: "/home/ada/.omniroute",
    baseUrl: "http://localhost:20128",
    defaults: {
      instanceName: "Box.example.org",
      logRetentionDays: 90,
      enableRequestLogs: false,
      cacheMaxEntries: 500,
      cacheTtlMs: 3_600_000,
      otlpEndpoint: "",
    },
    logFile: {
      path: "/home/ada/.omniroute/logs/omniroute.log",
      maxBytes: 10 * 1024 * 1024,
      retentionDays: 90,
    },
    cookieSecure: false,
    connectTimeoutMs: 5000,
    fetchTimeoutMs: 300_000,
    streamIdleTimeoutMs: 300_000,
    maxBodyBytes: 50 * 1024 * 1024,
    maxConcurrentRequests: 512,
    shutdownGraceMs: 30_000,
    allowPrivateUpstreams: true,
    logLevel: "info",
    logFormat: "text",
  } satisfies Partial<Config>);
  expect(config.requireApiKey).toBeUndefined();
  expect(config.initialPassword).toBeUndefined();
  expect(warnings).toEqual([]);
});

const values: [string, Environment, ConfigFlags, Partial<Config>][] = [
  [
    "an empty value counts as unset",
    { PORT: "", HOSTNAME: " ", BASE_URL: "" },
    {},
    { port: 20_128, host: "127.0.0.1" },
  ],
  [
    "a flag wins over the environment",
    { PORT: "1" },
    { port: "2", host: "0.0.0.0" },
    { port: 2, host: "0.0.0.0" },
  ],
  ["the base URL follows the port", { PORT: "8080" }, {}, { baseUrl: "http://localhost:8080" }],
  ["HOSTNAME binds", { HOSTNAME: "0.0.0.0" }, {}, { host: "0.0.0.0" }],
  ["HOST is an alias", { HOST: "::1" }, {}, { host: "::1" }],
  ["brackets around an address are dropped", { HOSTNAME: "[::]" }, {}, { host: "::" }],
  ["the machine's own name counts as unset", { HOSTNAME: "box.example.org" }, {}, { host: "127.0.0.1" }],
  ["its short form too", { HOSTNAME: "box" }, {}, { host: "127.0.0.1" }],
  [
    "the alias holds when HOSTNAME is the machine's name",
    { HOSTNAME: "box", HOST: "0.0.0.0" },
    {},
    { host: "0.0.0.0" },
  ],
  ["a flag may name the machine", {}, { host: "box" }, { host: "box" }],
  [
    "BASE_URL loses its slash",
    { BASE_URL: "https://ai.example.org/" },
    {},
    { baseUrl: "https://ai.example.org" },
  ],
  ["https makes the cookie secure", { BASE_URL: "https://ai.example.org" }, {}, { cookieSecure: true }],
  ["the older name of BASE_URL", { NEXT_PUBLIC_BASE_URL: "http://a:1" }, {}, { baseUrl: "http://a:1" }],
  [
    "BASE_URL wins over it",
    { NEXT_PUBLIC_BASE_URL: "http://a", BASE_URL: "http://b" },
    {},
    { baseUrl: "http://b" },
  ],
  ["a home directory is filled in", { DATA_DIR: "~/x" }, {}, { dataDir: "/home/ada/x" }],
  [
    "systemd's directory is the default under systemd",
    { STATE_DIRECTORY: "/var/lib/a:/var/lib/b" },
    {},
    { dataDir: "/var/lib/a" },
  ],
  ["DATA_DIR wins over it", { STATE_DIRECTORY: "/var/lib/a", DATA_DIR: "/d" }, {}, { dataDir: "/d" }],
  ["keys may be switched on", { REQUIRE_API_KEY: "TRUE" }, {}, { requireApiKey: true }],
  ["keys may be switched off", { REQUIRE_API_KEY: "0" }, {}, { requireApiKey: false }],
  [
    "lists split at commas and spaces",
    { ALLOWED_HOSTS: "A.example, b.example:8080  c" },
    {},
    { allowedHosts: ["a.example", "b.example", "c"] },
  ],
  ["networks", { TRUSTED_PROXIES: "10.0.0.0/8,::1" }, {}, { trustedProxies: ["10.0.0.0/8", "::1"] }],
  ["origins", { CORS_ORIGINS: "https://a.example/,*" }, {}, { corsOrigins: ["https://a.example", "*"] }],
  ["megabytes become bytes", { MAX_BODY_MB: "1.5" }, {}, { maxBodyBytes: 1_572_864 }],
  [
    "the log level in any case",
    { LOG_LEVEL: "WARN", LOG_FORMAT: "json" },
    {},
    { logLevel: "warn", logFormat: "json" },
  ],
  [
    "provider keys",
    { GROQ_API_KEY: "gsk_0123456789" },
    {},
    { providerKeys: { GROQ_API_KEY: "gsk_0123456789" } },
  ],
  [
    "proxies in lower case",
    { https_proxy: "http://p:1", NO_PROXY: "a" },
    {},
    { proxy: { http: undefined, https: "http://p:1", all: undefined, no: "a" } },
  ],
];
test.each(values)("%s", (_name, env, flags, expected) => {
  expect(read(env, flags).config).toMatchObject(expected);
});

const refused: [string, Environment][] = [
  ["PORT", { PORT: "http" }],
  ["PORT", { PORT: "65536" }],
  ["PORT", { PORT: "1.5" }],
  ["HOSTNAME", { HOSTNAME: "http://x" }],
  ["BASE_URL", { BASE_URL: "localhost:20128" }],
  ["BASE_URL", { BASE_URL: "http://user:pw@host" }],
  ["REQUIRE_API_KEY", { REQUIRE_API_KEY: "maybe" }],
  ["TRUSTED_PROXIES", { TRUSTED_PROXIES: "10.0.0.0/33" }],
  ["TRUSTED_PROXIES", { TRUSTED_PROXIES: "proxy.example" }],
  ["CORS_ORIGINS", { CORS_ORIGINS: "example.org" }],
  ["ALLOWED_HOSTS", { ALLOWED_HOSTS: "a/b" }],
  ["FETCH_TIMEOUT_MS", { FETCH_TIMEOUT_MS: "-1" }],
  ["LOG_LEVEL", { LOG_LEVEL: "loud" }],
  ["JWT_SECRET_FILE", { JWT_SECRET_FILE: "/nowhere/at/all" }],
];
test.each(refused)("refuses a bad %s by name: %p", (name, env) => {
  expect(() => read(env)).toThrow(name);
});

test("a secret may come from a file, without its line end", () => {
  const path = file("jwt", "a-secret-of-some-length-0123\n");
  const { config, sources } = read({
    JWT_SECRET_FILE: path,
    OPENAI_API_KEY_FILE: file("key", "sk-0123456789abcdef"),
  });
  expect(config.secrets.jwt).toBe("a-secret-of-some-length-0123");
  expect(config.providerKeys).toEqual({ OPENAI_API_KEY: "sk-0123456789abcdef" });
  expect(sources.find((source) => source.name === "JWT_SECRET")).toEqual({
    name: "JWT_SECRET",
    value: "********",
    source: `file ${path}`,
  });
});

test("what sign-ins need is taken from the environment, secrets also from files, and shown without them", () => {
  const { config, sources, warnings } = read({
    CLAUDE_OAUTH_CLIENT_ID: "client-of-mine",
    CODEX_OAUTH_TOKEN_URL: "http://127.0.0.1:4000/token",
    GEMINI_CLI_OAUTH_CLIENT_SECRET_FILE: file("google", "a-google-client-secret\n"),
    CURSOR_OAUTH_CLIENT_ID: "cursor",
    NOBODY_OAUTH_CLIENT_ID: "nobody",
  });
  expect(config.oauth).toEqual({
    CLAUDE_OAUTH_CLIENT_ID: "client-of-mine",
    CODEX_OAUTH_TOKEN_URL: "http://127.0.0.1:4000/token",
    GEMINI_CLI_OAUTH_CLIENT_SECRET: "a-google-client-secret",
  });
  expect(sources.find(({ name }) => name === "GEMINI_CLI_OAUTH_CLIENT_SECRET")?.value).toBe("********");
  expect(warnings).toEqual(["CURSOR_OAUTH_CLIENT_ID has no effect in this version."]);
});

test.each(["ftp://example.org/token", "example.org/token", "javascript:alert(1)"])(
  "the address of a sign-in cannot be %p",
  (address) => expect(() => read({ CODEX_OAUTH_TOKEN_URL: address })).toThrow("CODEX_OAUTH_TOKEN_URL"),
);

test.each([
  ["INITIAL_PASSWORD", "123456"],
  ["INITIAL_PASSWORD", "CHANGEME"],
  ["INITIAL_PASSWORD", "short"],
  ["JWT_SECRET", "omniroute-default-secret-change-me"],
  ["API_KEY_SECRET", "endpoint-proxy-api-key-secret"],
  ["API_KEY_SECRET", "under-16-chars"],
  ["METRICS_TOKEN", "tiny"],
])("%s=%s is not trusted, and the warning names the variable but not the value", (name, value) => {
  const { config, warnings } = read({ [name]: value });
  expect([config.initialPassword, config.secrets.jwt, config.secrets.apiKey, config.metricsToken]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain(name);
  expect(warnings[0]).not.toContain(value);
});

test.each([
  [{ BASE_URL: "https://ai.example.org" }, 1],
  [{ TRUSTED_PROXIES: "127.0.0.1" }, 1],
  [{ BASE_URL: "https://ai.example.org", REQUIRE_API_KEY: "true" }, 0],
  [{ BASE_URL: "https://ai.example.org", REQUIRE_API_KEY: "false" }, 0],
  [{ BASE_URL: "https://ai.example.org", HOST: "0.0.0.0" }, 0],
  [{ BASE_URL: "http://localhost:9" }, 0],
  [{}, 0],
])("%j: a proxy in front of models that need no key is warned of (%i)", (env, count) => {
  const told = read(env).warnings.filter((line) => line.includes("REQUIRE_API_KEY=true"));
  expect(told).toHaveLength(count);
});

test("good secrets are used as they are", () => {
  const secret = "kQ3v9Xh2mB7sL0pZ5tR8wY1c";
  const { config, warnings } = read({
    JWT_SECRET: secret,
    STORAGE_ENCRYPTION_KEY: secret,
    INITIAL_PASSWORD: " lo ng pw ",
  });
  expect(config.secrets).toEqual({ jwt: secret, apiKey: undefined, storage: secret });
  expect(config.initialPassword).toBe(" lo ng pw ");
  expect(warnings).toEqual([]);
});

test.each([
  [{ ENABLE_SOCKS5_PROXY: "true" }, "ENABLE_SOCKS5_PROXY is accepted for compatibility and has no effect."],
  [{ SQLITE_CACHE_SIZE: "1" }, "SQLITE_CACHE_SIZE is accepted for compatibility and has no effect."],
  [{ CURSOR_OAUTH_CLIENT_ID: "x" }, "CURSOR_OAUTH_CLIENT_ID has no effect in this version."],
  [{ OMNIROUTE_PORT: "1" }, "OMNIROUTE_PORT is not known and changes nothing; did you mean PORT?"],
  [{ OMNIROUTE_NONSENSE: "1" }, "OMNIROUTE_NONSENSE is not known and changes nothing."],
])("%p is said to have no effect", (env, warning) => {
  expect(read(env).warnings).toEqual([warning]);
});

test("where clients are looked for, and whether their settings may be written", () => {
  expect(read({ PATH: "/usr/bin:relative" }).config.clientTools).toMatchObject({
    writes: undefined,
    searchPath: ["/usr/bin"],
    programs: {},
  });
  const { config, warnings } = read({
    CLI_ALLOW_CONFIG_WRITES: "false",
    CLI_EXTRA_PATHS: "/opt/a, /opt/b:/opt/c",
    CLI_MODE: "container",
    CLI_CLAUDE_BIN: "/x/claude",
    PATH: "/usr/bin",
  });
  expect(config.clientTools).toEqual({
    writes: false,
    mode: "container",
    searchPath: ["/opt/a", "/opt/b", "/opt/c", "/usr/bin"],
    programs: { CLI_CLAUDE_BIN: "/x/claude" },
  });
  expect(warnings).toEqual([]);
});

test("names of other programs, NODE_ENV and empty names are passed over in silence", () => {
  expect(
    read({ NODE_ENV: "production", EDITOR: "vi", OMNIROUTE_X: "", PII_REDACTION_ENABLED: "" }).warnings,
  ).toEqual([]);
});

test("no secret stands in the listing of settings", () => {
  const secret = "kQ3v9Xh2mB7sL0pZ5tR8wY1c";
  const names = [
    "JWT_SECRET",
    "API_KEY_SECRET",
    "STORAGE_ENCRYPTION_KEY",
    "INITIAL_PASSWORD",
    "METRICS_TOKEN",
    "OPENAI_API_KEY",
  ];
  const env = Object.fromEntries(names.map((name) => [name, secret]));
  const { sources } = read({ ...env, HTTP_PROXY: `http://me:${secret}@proxy:3128` });
  expect(JSON.stringify(sources)).not.toContain(secret);
  expect(sources.find((source) => source.name === "HTTP_PROXY")?.value).toBe("http://********@proxy:3128");
});

test("an env file stands below the environment and is named as the source", () => {
  const envFile = file("some.env", "PORT=3000\nHOSTNAME=0.0.0.0\n");
  const { config, sources } = read({ PORT: "4000" }, { envFile });
  expect(config).toMatchObject({ port: 4000, host: "0.0.0.0" });
  expect(sources.find((source) => source.name === "HOSTNAME")?.source).toBe("env file HOSTNAME");
  expect(() => read({}, { envFile: join(directory, "missing") })).toThrow("cannot be read (ENOENT)");
});

test("every provider's key variable is one of the names the configuration reads", () => {
  const names = PROVIDERS.map((provider) => provider.envKey).filter((name) => name !== undefined);
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) expect(PROVIDER_KEY_NAMES as readonly string[]).toContain(name);
});

test.each([
  ["A=1", { A: "1" }],
  ["\uFEFFA=1\r\nexport B = two words \r\n", { A: "1", B: "two words" }],
  ["# note\n\nA=x # note\nB=x#y\nC=#only", { A: "x", B: "x#y", C: "" }],
  [`A="a # \\"b\\"\\n" # note`, { A: 'a # "b"\n' }],
  ["A='$HOME \\n'", { A: "$HOME \\n" }],
  ["A=$HOME", { A: "$HOME" }],
  ["A=", { A: "" }],
  ["A=a=b==", { A: "a=b==" }],
])("env file %p", (text, expected) => {
  expect(parseEnvFile(text)).toEqual(expected);
});

test.each([
  ["A=1\nsk-secret", 2],
  ['A="open', 1],
  ["A='x' y", 1],
  ["1A=x", 1],
])("env file %p is refused at line %d without repeating it", (text, line) => {
  expect(() => parseEnvFile(text)).toThrow(EnvFileError);
  expect(() => parseEnvFile(text)).toThrow(`line ${line}`);
  expect(() => parseEnvFile(text)).not.toThrow("secret");
});
