import { argon2, createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { promisify } from "node:util";

/** What a bundle begins with, so that nobody takes one for something else. */
const MARK = Buffer.from("OMNIROUTE-SYNC-1\n");
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** RFC 9106, second recommended choice: 64 MiB, three passes. */
const COST = { parallelism: 1, tagLength: 32, memory: 65_536, passes: 3 };

const derive = promisify(argon2);

/** What makes the same passphrase another key in another group; no secret. */
export const newSalt = () => randomBytes(16).toString("base64url");

/** The key of a group of devices, 32 bytes, from its passphrase by argon2id. `salt` in base64url. */
export async function keyOf(passphrase: string, salt: string): Promise<Buffer> {
  const nonce = Buffer.from(salt, "base64url");
  return derive("argon2id", { ...COST, message: passphrase.normalize("NFC"), nonce });
}

/** Encrypts a bundle (gzip, then AES-256-GCM). It opens under its own name only. */
export function sealBundle(key: Uint8Array, name: string, text: string): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(placeOf(name));
  const body = Buffer.concat([cipher.update(Bun.gzipSync(text)), cipher.final()]);
  return Buffer.concat([MARK, nonce, cipher.getAuthTag(), body]);
}

/** The text of a bundle; undefined when it was sealed with another key, under another name, or changed since. */
export function openBundle(key: Uint8Array, name: string, bytes: Uint8Array): string | undefined {
  const sealed = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = MARK.length + NONCE_BYTES + TAG_BYTES;
  if (sealed.length < start || !sealed.subarray(0, MARK.length).equals(MARK)) return undefined;
  const nonce = sealed.subarray(MARK.length, MARK.length + NONCE_BYTES);
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(placeOf(name)).setAuthTag(sealed.subarray(start - TAG_BYTES, start));
  try {
    const packed = Buffer.concat([decipher.update(sealed.subarray(start)), decipher.final()]);
    return Buffer.from(Bun.gunzipSync(packed)).toString("utf8");
  } catch {
    return undefined;
  }
}

const placeOf = (name: string) => Buffer.concat([MARK, Buffer.from(name)]);
