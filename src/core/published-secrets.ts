/**
 * Values that stand in guides, sample files and sources of gateways for everyone to read. Whoever sets one of them as
 * a password or secret has set none. Compared without regard to letter case and surrounding blanks.
 */
const PUBLISHED = new Set([
  // OmniRoute's own guides and sources through 3.x, and its relatives'
  "123456",
  "changeme",
  "omniroute-default-secret-change-me",
  "endpoint-proxy-api-key-secret",
  "endpoint-proxy-salt",
  "9router-default-secret-change-me",
  "generate-with-openssl-rand-base64-48",
  "generate-with-openssl-rand-hex-32",
  "your-super-secret-jwt-key",
  "your-secure-password",
  "your-strong-password",
  "your-jwt-secret",
  "your-api-key-secret",
  "your-secret-key",
  "your-secret",
  "your-password",
  "your_jwt_secret",
  "your_password",
  "your_secret_key",
  "yourpassword",
  "strong-password",
  "use-a-strong-password",
  "sk-omniroute",
  "sk_omniroute",
  "sk_9router",
  "sk-1234",
  "omniroute",
  // what samples everywhere say
  "admin",
  "password",
  "secret",
  "supersecret",
  "super-secret",
  "super-secret-key",
  "super-secret-jwt-token-with-at-least-32-characters-long",
  "keyboard cat",
  "jwt-secret",
  "jwt_secret",
  "default",
  "default-secret",
  "example",
  "placeholder",
  "replaceme",
  "replace-me",
  "replace_me",
  "todo",
  "xxx",
]);

/** Beginnings and middles that only a placeholder has. */
const PLACEHOLDER =
  /^(?:<.*>|\$\{.*\}|your[-_].*|.*(?:change|replace)[-_ ]?(?:me|this|it)\b.*|.*[-_ ]change[-_ ]in[-_ ]production.*|generate[-_ ]with.*|openssl rand.*|(.)\1*)$/;

/** Secrets below this length are not trusted either. */
export const SHORTEST_SECRET = 16;

/** Is this a value that everybody can know: published in a guide, a placeholder, or one character repeated? */
export function isPublishedSecret(value: string): boolean {
  const plain = value.trim().toLowerCase();
  return plain === "" || PUBLISHED.has(plain) || (plain.length <= 200 && PLACEHOLDER.test(plain));
}

/** May this sign, hash or encrypt? Long enough and not published. */
export function isTrustedSecret(value: string): boolean {
  return value.length >= SHORTEST_SECRET && !isPublishedSecret(value);
}
