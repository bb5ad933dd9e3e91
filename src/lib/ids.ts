/** Random bytes as text that is safe in URLs: 43 characters for the default 32 bytes. */
export function randomToken(bytes = 32): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString("base64url");
}

/** A new record id. */
export function newId(): string {
  return crypto.randomUUID();
}

/** A new request id: time-ordered, so that logs sort by it. */
export function newRequestId(): string {
  return `req_${Bun.randomUUIDv7("hex").replaceAll("-", "")}`;
}

/** SHA-256 of a text as lower-case hex. */
export function sha256(text: string | Uint8Array): string {
  return new Bun.CryptoHasher("sha256").update(text).digest("hex");
}
