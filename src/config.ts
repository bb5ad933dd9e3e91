import { existsSync, readFileSync } from "node:fs";
import { isIP } from "node:net";
import { homedir } from "node:os";
import { delimiter, isAbsolute, join, resolve } from "node:path";
import { type Config, isLoopbackHost } from "./core/config.ts";
import {
  OBEYED_NAMES,
  oauthSettingKind,
  PROVIDER_KEY_NAMES,
  whyWithoutEffect,
} from "./core/environment-names.ts";
import { collectorHeaders, isCollector, tracesAddress } from "./core/collector.ts";
import { isPublishedSecret, SHORTEST_SECRET } from "./core/published-secrets.ts";
import { parseEnvFile } from "./lib/env-file.ts";
import {
  EnvironmentReader,
  SettingError,
  type Environment,
  type SettingSource,
} from "./lib/environment-reader.ts";
import { VERSION } from "./version.ts";

/** What the command line decides; it wins over the environment. */
export type ConfigFlags = {
  port?: string;
  host?: string;
  dataDir?: string;
  envFile?: string;
  /** The configuration file. */
  config?: string;
};

export type ConfigInput = {
  env: Environment;
  flags?: ConfigFlags;
  /** The machine's own name, which shells and container runtimes put into HOSTNAME unasked. */
  hostName?: string;
  /** Default: the home directory of the user. */
  homeDir?: string;
};

export type ReadConfig = {
  config: Config;
  /** Sentences for the person who starts the program. */
  warnings: string[];
  /** Every setting with its value (secrets masked) and where it came from. */
  sources: SettingSource[];
};

/** The environment of this process. Nothing else reads it. */
export function processEnvironment(): Environment {
  return process.env;
}

/**
 * Takes the proxy variables out of the process once they are in the configuration. Bun would apply them to every
 * call, also to those towards this machine, past the gateway's own proxy settings.
 */
export function forgetProxyVariables(): void {
  for (const name of ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"]) {
    delete process.env[name];
    delete process.env[name.toLowerCase()];
  }
}

/** Reads the whole configuration and changes nothing. Throws `SettingError` for a value that means nothing. */
export function readConfig(input: ConfigInput): ReadConfig {
  const flags = input.flags ?? {};
  const reader = new EnvironmentReader({
    flags: {
      PORT: flags.port,
      HOSTNAME: flags.host,
      DATA_DIR: flags.dataDir,
      OMNIROUTE_CONFIG: flags.config,
    },
    env: input.env,
    file: flags.envFile === undefined ? {} : readEnvFile(flags.envFile),
  });
  const port = reader.integer("PORT", 20_128, { least: 0, most: 65_535 });
  const baseUrl = readBaseUrl(reader, port);
  const dataDir = readDataDir(reader, input.env.STATE_DIRECTORY, input.homeDir ?? homedir());
  const logRetentionDays = reader.integer("LOG_RETENTION_DAYS", 90, { least: 1, most: 3650 });
  const config: Config = {
    version: VERSION,
    configFile: readConfigFile(reader, dataDir),
    configPlaces: configPlaces(dataDir),
    reference: (name) => reader.variable(name),
    port,
    host: readHost(reader, flags, input.hostName),
    dataDir,
    clientHome: readClientHome(reader, input.homeDir ?? homedir()),
    clientTools: readClientTools(reader, input.env.PATH),
    baseUrl,
    initialPassword: readInitialPassword(reader),
    requireApiKey: reader.optionalBoolean("REQUIRE_API_KEY"),
    cookieSecure: reader.boolean("AUTH_COOKIE_SECURE", false) || baseUrl.startsWith("https:"),
    allowedHosts: reader
      .list("ALLOWED_HOSTS", "a host name", (host) => isHostName(asHostName(host)))
      .map(asHostName),
    trustedProxies: reader.list("TRUSTED_PROXIES", "an IP address or network", isNetwork),
    corsOrigins: reader
      .list("CORS_ORIGINS", "an origin such as https://example.org, or *", isOrigin)
      .map(asOrigin),
    connectTimeoutMs: reader.integer("CONNECT_TIMEOUT_MS", 5000, DURATION),
    fetchTimeoutMs: reader.integer("FETCH_TIMEOUT_MS", 300_000, DURATION),
    streamIdleTimeoutMs: reader.integer("STREAM_IDLE_TIMEOUT_MS", 300_000, DURATION),
    maxBodyBytes: Math.round(reader.number("MAX_BODY_MB", 50, { least: 0.001, most: 2000 }) * 1024 * 1024),
    maxConcurrentRequests: reader.integer("MAX_CONCURRENT_REQUESTS", 512, { least: 1, most: 100_000 }),
    maxLoopLagMs: reader.integer("MAX_LOOP_LAG_MS", 500, { least: 100, most: 3_600_000 }),
    shutdownGraceMs: reader.integer("SHUTDOWN_GRACE_MS", 30_000, { least: 0, most: 3_600_000 }),
    allowPrivateUpstreams: reader.boolean("ALLOW_PRIVATE_UPSTREAMS", true),
    metricsToken: readSecret(reader, "METRICS_TOKEN", "it opens nothing"),
    sync: {
      url: readCloudUrl(reader),
      timeoutMs: reader.integer("CLOUD_SYNC_TIMEOUT_MS", 12_000, { least: 1000, most: 600_000 }),
    },
    providerKeys: readProviderKeys(reader),
    oauth: readOAuthSettings(reader),
    secrets: {
      jwt: readSecret(reader, "JWT_SECRET", "a random one is used"),
      apiKey: readSecret(reader, "API_KEY_SECRET", "a random one is used"),
      storage: readSecret(reader, "STORAGE_ENCRYPTION_KEY", "a random one is used"),
    },
    proxy: {
      http: readProxy(reader, "HTTP_PROXY"),
      https: readProxy(reader, "HTTPS_PROXY"),
      all: readProxy(reader, "ALL_PROXY"),
      no: reader.text("NO_PROXY", "no_proxy"),
    },
    logLevel: reader.choice("LOG_LEVEL", "info", ["debug", "info", "warn", "error"]),
    logFormat: reader.choice("LOG_FORMAT", "text", ["text", "json"]),
    logFile: readLogFile(reader, dataDir, logRetentionDays),
    defaults: {
      instanceName: readInstanceName(reader, input.hostName),
      logRetentionDays,
      enableRequestLogs: reader.boolean("ENABLE_REQUEST_LOGS", false),
      cacheMaxEntries: reader.integer("SEMANTIC_CACHE_MAX_SIZE", 500, { least: 1, most: 100_000 }),
      cacheTtlMs: reader.integer("SEMANTIC_CACHE_TTL_MS", 3_600_000, { least: 1000, most: 2_592_000_000 }),
      otlpEndpoint: readCollector(reader),
    },
    tracing: {
      serviceName: reader.text("OTEL_SERVICE_NAME") ?? "omniroute",
      headers: readCollectorHeaders(reader),
    },
  };
  warnAboutIdleNames(reader);
  warnAboutOpenModels(reader, config);
  return { config, warnings: reader.warnings, sources: reader.sources };
}

/** The file that is named, else one in the data directory. Throws `SettingError` when the named one is not there. */
function readConfigFile(reader: EnvironmentReader, dataDir: string): string | undefined {
  const named = reader.text("OMNIROUTE_CONFIG");
  if (named !== undefined) {
    const path = resolve(named);
    if (!existsSync(path))
      throw new SettingError(`There is no configuration file ${path} (OMNIROUTE_CONFIG or --config).`);
    return path;
  }
  return configPlaces(dataDir).find((path) => existsSync(path));
}

const configPlaces = (dataDir: string): string[] =>
  ["omniroute.toml", "omniroute.yaml", "omniroute.yml"].map((name) => join(dataDir, name));

/** Values of a file of `NAME=value` lines. Throws `SettingError` when it cannot be read or understood. */
function readEnvFile(path: string): { [name: string]: string } {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const code = (error as { code?: string }).code ?? "unknown error";
    throw new SettingError(`The env file ${path} cannot be read (${code}).`);
  }
  try {
    return parseEnvFile(text);
  } catch (error) {
    throw new SettingError(`The env file ${path} is not understood: ${(error as Error).message}.`);
  }
}

const DURATION = { least: 1, most: 86_400_000 };

function readHost(reader: EnvironmentReader, flags: ConfigFlags, hostName: string | undefined): string {
  const own = hostName?.toLowerCase().split(".")[0];
  const chosen = (value: string) => flags.host !== undefined || value.toLowerCase().split(".")[0] !== own;
  const host = reader.textWhere("HOSTNAME", ["HOST"], chosen);
  if (host === undefined) {
    reader.resolved("HOSTNAME", "127.0.0.1");
    return "127.0.0.1";
  }
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  if (isIP(bare) === 0 && !isHostName(bare))
    throw new SettingError(
      `HOSTNAME must be an address to bind, such as 127.0.0.1 or 0.0.0.0; it is "${host}".`,
    );
  return bare;
}

function readBaseUrl(reader: EnvironmentReader, port: number): string {
  const text = reader.text("BASE_URL", "NEXT_PUBLIC_BASE_URL");
  if (text === undefined) {
    reader.resolved("BASE_URL", `http://localhost:${port}`);
    return `http://localhost:${port}`;
  }
  return asAddress("BASE_URL", text);
}

function readCloudUrl(reader: EnvironmentReader): string | undefined {
  const text = reader.text("CLOUD_URL", "NEXT_PUBLIC_CLOUD_URL");
  return text === undefined ? undefined : asAddress("CLOUD_URL", text);
}

function asAddress(name: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash)
    throw new SettingError(`${name} must be an address such as https://ai.example.org; it is not one.`);
  return url.href.replace(/\/+$/, "");
}

/** systemd names the directories of a unit with StateDirectory in STATE_DIRECTORY, separated by colons. */
function readDataDir(reader: EnvironmentReader, stateDirectory: string | undefined, home: string): string {
  const text = reader.text("DATA_DIR");
  if (text !== undefined) {
    const directory = resolve(text.replace(/^~(?=\/|$)/, home));
    reader.resolved("DATA_DIR", directory);
    return directory;
  }
  const given = stateDirectory?.split(":")[0];
  const directory = given ? resolve(given) : join(home, ".omniroute");
  reader.resolved("DATA_DIR", directory, given ? "environment STATE_DIRECTORY" : "default");
  return directory;
}

function readClientHome(reader: EnvironmentReader, home: string): string {
  const directory = resolve((reader.text("CLI_CONFIG_HOME") ?? home).replace(/^~(?=\/|$)/, home));
  reader.resolved("CLI_CONFIG_HOME", directory);
  return directory;
}

function readClientTools(reader: EnvironmentReader, path = ""): Config["clientTools"] {
  const extra = reader.text("CLI_EXTRA_PATHS") ?? "";
  const mode = reader.choice("CLI_MODE", "auto", ["auto", "host", "container"]);
  const isContained = existsSync("/.dockerenv") || existsSync("/run/.containerenv");
  const settings = reader.names().filter((name) => /^CLI_[A-Z]+_BIN$/.test(name));
  return {
    writes: reader.optionalBoolean("CLI_ALLOW_CONFIG_WRITES"),
    mode: mode === "container" || (mode === "auto" && isContained) ? "container" : "host",
    searchPath: [
      ...extra.split(/[,;]/).flatMap((part) => part.trim().split(delimiter)),
      ...path.split(delimiter),
    ].filter((folder) => isAbsolute(folder)),
    programs: Object.fromEntries(settings.map((name) => [name, resolve(reader.text(name) ?? "")])),
  };
}

function readLogFile(reader: EnvironmentReader, dataDir: string, retentionDays: number): Config["logFile"] {
  const isWanted = reader.boolean("LOG_TO_FILE", true);
  const path = resolve(reader.text("LOG_FILE_PATH") ?? join(dataDir, "logs", "omniroute.log"));
  reader.resolved("LOG_FILE_PATH", path);
  const maxBytes = reader.bytes("LOG_MAX_FILE_SIZE", 10 * 1024 * 1024, {
    least: 16 * 1024,
    most: 1024 ** 4,
  });
  return isWanted ? { path, maxBytes, retentionDays } : undefined;
}

function readInstanceName(reader: EnvironmentReader, hostName: string | undefined): string {
  const name = (reader.text("INSTANCE_NAME") ?? hostName ?? "").slice(0, 100);
  reader.resolved("INSTANCE_NAME", name);
  return name;
}

/** The address spans go to; the general one is that of all signals. */
function readCollector(reader: EnvironmentReader): string {
  const own = reader.text("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
  const general = reader.text("OTEL_EXPORTER_OTLP_ENDPOINT");
  const address = own ?? (general === undefined ? "" : tracesAddress(general));
  if (address === "" || isCollector(address)) return address;
  const name = own === undefined ? "OTEL_EXPORTER_OTLP_ENDPOINT" : "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
  throw new SettingError(`${name} must be an address such as http://localhost:4318; it is not one.`);
}

function readCollectorHeaders(reader: EnvironmentReader): { [name: string]: string } {
  const headers = collectorHeaders(reader.secret("OTEL_EXPORTER_OTLP_HEADERS") ?? "");
  if (!headers) throw new SettingError("OTEL_EXPORTER_OTLP_HEADERS must be name=value pairs.");
  return headers;
}

function readInitialPassword(reader: EnvironmentReader): string | undefined {
  const password = reader.secret("INITIAL_PASSWORD");
  if (password === undefined) return undefined;
  if (!isPublishedSecret(password) && password.length >= 8 && password.length <= 1024) return password;
  const why = isPublishedSecret(password) ? "is a published example value" : "must have 8 to 1024 characters";
  distrust(
    reader,
    "INITIAL_PASSWORD",
    `INITIAL_PASSWORD ${why} and counts as unset: set a password of your own.`,
  );
  return undefined;
}

function readSecret(reader: EnvironmentReader, name: string, instead: string): string | undefined {
  const secret = reader.secret(name);
  if (secret === undefined) return undefined;
  if (!isPublishedSecret(secret) && secret.length >= SHORTEST_SECRET) return secret;
  const why = isPublishedSecret(secret)
    ? "is a published example value"
    : `is shorter than ${SHORTEST_SECRET} characters`;
  distrust(
    reader,
    name,
    `${name} ${why} and is not trusted; ${instead}. A good value: openssl rand -base64 32 (or leave ${name} unset).`,
  );
  return undefined;
}

function distrust(reader: EnvironmentReader, name: string, warning: string): void {
  reader.warnings.push(warning);
  reader.resolved(name, "", "default (the given value is not trusted)");
}

function readProviderKeys(reader: EnvironmentReader): { [variable: string]: string } {
  const keys: { [variable: string]: string } = {};
  for (const name of PROVIDER_KEY_NAMES) {
    const key = reader.secret(name);
    if (key === undefined) continue;
    if (isPublishedSecret(key))
      distrust(reader, name, `${name} is a published example value and is not used.`);
    else keys[name] = key;
  }
  return keys;
}

/** Only what is set: the built-in settings of a sign-in stand with its facts. Throws `SettingError` for no address. */
function readOAuthSettings(reader: EnvironmentReader): { [variable: string]: string } {
  const settings: { [variable: string]: string } = {};
  const names = new Set(reader.names().map((name) => name.replace(/_CLIENT_SECRET_FILE$/, "_CLIENT_SECRET")));
  for (const name of [...names].sort()) {
    const kind = oauthSettingKind(name);
    if (kind === undefined) continue;
    const value = kind === "secret" ? reader.secret(name) : reader.text(name);
    if (value === undefined) continue;
    if (kind === "url" && !/^https?:$/.test(URL.parse(value)?.protocol ?? ""))
      throw new SettingError(`${name} must be an address such as https://example.org/token; it is not one.`);
    settings[name] = value;
  }
  return settings;
}

/** A proxy address may hold a password, so that the listing shows it without. */
function readProxy(reader: EnvironmentReader, name: string): string | undefined {
  const address = reader.text(name, name.toLowerCase());
  if (address) reader.resolved(name, address.replace(/\/\/[^/@]*@/, "//********@"));
  return address;
}

/** Behind a proxy every call comes from this machine, so that its models would be open to whoever reaches the proxy. */
function warnAboutOpenModels(reader: EnvironmentReader, config: Config): void {
  const { host, requireApiKey, baseUrl, trustedProxies } = config;
  const isPublished = !isLoopbackHost(new URL(baseUrl).hostname) || trustedProxies.length > 0;
  if (requireApiKey !== undefined || !isLoopbackHost(host) || !isPublished) return;
  reader.warnings.push(
    `BASE_URL or TRUSTED_PROXIES tell of a proxy in front, and clients need no key: set REQUIRE_API_KEY=true, or =false if that is meant.`,
  );
}

function warnAboutIdleNames(reader: EnvironmentReader): void {
  for (const name of reader.names().sort()) {
    const reason = whyWithoutEffect(name);
    if (reason) reader.warnings.push(reason);
    else if (name.startsWith("OMNIROUTE_")) reader.warnings.push(unknownName(name));
  }
}

function unknownName(name: string): string {
  const bare = name.slice("OMNIROUTE_".length);
  const known = [...OBEYED_NAMES, ...PROVIDER_KEY_NAMES].find((each) => each === bare);
  return `${name} is not known and changes nothing${known ? `; did you mean ${known}?` : "."}`;
}

const isHostName = (text: string): boolean =>
  /^(?:\*\.)?[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/i.test(text);

/** A port, when someone writes one, does not matter: hosts are allowed on whatever port we listen. */
const asHostName = (text: string): string => text.toLowerCase().replace(/:\d+$/, "");

function isNetwork(text: string): boolean {
  const [address = "", length, ...rest] = text.split("/");
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= (family === 4 ? 32 : 128));
}

const isOrigin = (text: string): boolean => text === "*" || (URL.canParse(text) && asOrigin(text) !== "null");

const asOrigin = (text: string): string => (text === "*" ? text : new URL(text).origin);
