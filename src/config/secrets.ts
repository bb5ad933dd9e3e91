import { collectorHeaders } from "../core/collector.ts";
import { oauthSettingKind, PROVIDER_KEY_NAMES } from "../core/environment-names.ts";
import { isPublishedSecret, SHORTEST_SECRET } from "../core/published-secrets.ts";
import { type EnvironmentReader, SettingError } from "../lib/environment-reader.ts";

/** The password of the first start; one that is published or too short counts as unset, with a warning. */
export function readInitialPassword(reader: EnvironmentReader): string | undefined {
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

/** A secret of the environment; one that is published or too short is not trusted. `instead`: what happens then. */
export function readSecret(reader: EnvironmentReader, name: string, instead: string): string | undefined {
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

/** Keys of providers by the name of their variable. */
export function readProviderKeys(reader: EnvironmentReader): { [variable: string]: string } {
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
export function readOAuthSettings(reader: EnvironmentReader): { [variable: string]: string } {
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

/** What goes to the trace collector with every span. Throws `SettingError` for what is no list of pairs. */
export function readCollectorHeaders(reader: EnvironmentReader): { [name: string]: string } {
  const headers = collectorHeaders(reader.secret("OTEL_EXPORTER_OTLP_HEADERS") ?? "");
  if (!headers) throw new SettingError("OTEL_EXPORTER_OTLP_HEADERS must be name=value pairs.");
  return headers;
}

function distrust(reader: EnvironmentReader, name: string, warning: string): void {
  reader.warnings.push(warning);
  reader.resolved(name, "", "default (the given value is not trusted)");
}
