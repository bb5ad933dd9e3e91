/** The names of the environment that this program knows, by what it does with them. */

/** Read and obeyed. */
export const OBEYED_NAMES = [
  "PORT",
  "HOSTNAME",
  "HOST",
  "DATA_DIR",
  "OMNIROUTE_CONFIG",
  "CLI_CONFIG_HOME",
  "CLI_ALLOW_CONFIG_WRITES",
  "CLI_EXTRA_PATHS",
  "CLI_MODE",
  "INITIAL_PASSWORD",
  "JWT_SECRET",
  "API_KEY_SECRET",
  "STORAGE_ENCRYPTION_KEY",
  "BASE_URL",
  "NEXT_PUBLIC_BASE_URL",
  "REQUIRE_API_KEY",
  "ENABLE_REQUEST_LOGS",
  "AUTH_COOKIE_SECURE",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "ALL_PROXY",
  "NO_PROXY",
  "ALLOWED_HOSTS",
  "TRUSTED_PROXIES",
  "CORS_ORIGINS",
  "CONNECT_TIMEOUT_MS",
  "FETCH_TIMEOUT_MS",
  "STREAM_IDLE_TIMEOUT_MS",
  "MAX_BODY_MB",
  "MAX_CONCURRENT_REQUESTS",
  "MAX_LOOP_LAG_MS",
  "SHUTDOWN_GRACE_MS",
  "LOG_LEVEL",
  "LOG_FORMAT",
  "LOG_TO_FILE",
  "LOG_FILE_PATH",
  "LOG_MAX_FILE_SIZE",
  "LOG_RETENTION_DAYS",
  "INSTANCE_NAME",
  "OTEL_EXPORTER_OTLP_ENDPOINT",
  "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
  "OTEL_EXPORTER_OTLP_HEADERS",
  "OTEL_SERVICE_NAME",
  "METRICS_TOKEN",
  "CLOUD_URL",
  "NEXT_PUBLIC_CLOUD_URL",
  "CLOUD_SYNC_TIMEOUT_MS",
  "ALLOW_PRIVATE_UPSTREAMS",
  "SEMANTIC_CACHE_MAX_SIZE",
  "SEMANTIC_CACHE_TTL_MS",
] as const;

/** Each makes a read-only connection named `env`. */
export const PROVIDER_KEY_NAMES = [
  "DEEPSEEK_API_KEY",
  "GROQ_API_KEY",
  "XAI_API_KEY",
  "MISTRAL_API_KEY",
  "PERPLEXITY_API_KEY",
  "TOGETHER_API_KEY",
  "FIREWORKS_API_KEY",
  "CEREBRAS_API_KEY",
  "COHERE_API_KEY",
  "NVIDIA_API_KEY",
  "NEBIUS_API_KEY",
  "OPENAI_API_KEY",
  "ANTHROPIC_API_KEY",
  "GEMINI_API_KEY",
  "OPENROUTER_API_KEY",
] as const;

/** Sign-ins at vendors, as the names of their settings begin: `CLAUDE` → `CLAUDE_OAUTH_CLIENT_ID`. */
const OAUTH_PREFIXES = [
  "ANTIGRAVITY",
  "CLAUDE",
  "CLINE",
  "CODEX",
  "GEMINI",
  "GEMINI_CLI",
  "GITHUB",
  "IFLOW",
  "KILO",
  "KILOCODE",
  "KIMI",
  "KIMI_CODING",
  "KIRO",
  "OPENAI",
  "OPENROUTER",
  "QWEN",
] as const;

/** Steps of a sign-in that lead to an address of the vendor: `TOKEN` → `CLAUDE_OAUTH_TOKEN_URL`. */
export const OAUTH_ENDPOINTS = [
  "AUTHORIZE",
  "TOKEN",
  "REFRESH",
  "DEVICE",
  "POLL",
  "VERIFY",
  "REGISTER",
  "EXCHANGE",
  "USERINFO",
  "PROJECT",
  "USAGE",
] as const;

/** Which kind of setting of a sign-in a name is; undefined for names of anything else. */
export function oauthSettingKind(name: string): "url" | "secret" | "text" | undefined {
  const [, prefix, field] = /^([A-Z_]+?)_OAUTH_([A-Z_]+)$/.exec(name) ?? [];
  if (field === undefined || !OAUTH_PREFIXES.some((known) => known === prefix)) return undefined;
  if (field === "CLIENT_SECRET") return "secret";
  if (OAUTH_ENDPOINTS.some((endpoint) => field === `${endpoint}_URL`)) return "url";
  return field === "CLIENT_ID" || field === "REDIRECT_URI" || field === "SCOPES" ? "text" : undefined;
}

/** Names of earlier programs that people still carry in their files; taken without effect, and said aloud. */
const WITHOUT_EFFECT =
  /^(?:INPUT_SANITIZER_ENABLED|INPUT_SANITIZER_MODE|PII_REDACTION_ENABLED|ENABLE_SOCKS5_PROXY|ENABLE_TLS_FINGERPRINT|MACHINE_ID_SALT|STORAGE_DRIVER|SQLITE_\w+)$/;

/** Names of the interface whose part of the program does not exist yet. */
const NOT_YET = /^(?:STORAGE_ENCRYPTION_KEY_VERSION|CURSOR_OAUTH_CLIENT_(?:ID|SECRET))$/;

/** Why a name that is set changes nothing; undefined for names that do, and for names of other programs. */
export function whyWithoutEffect(name: string): string | undefined {
  if (WITHOUT_EFFECT.test(name)) return `${name} is accepted for compatibility and has no effect.`;
  if (NOT_YET.test(name)) return `${name} has no effect in this version.`;
  return undefined;
}
