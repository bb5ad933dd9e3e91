import { createDecipheriv, createHash, scryptSync } from "node:crypto";

/** Opens what earlier programs sealed; undefined when it was sealed with another key, or is no such text at all. */
export type FormerSeal = { open(sealed: string): string | undefined };

/**
 * Two schemes, both AES-256-GCM with all parts in hex. OmniRoute: `enc:v1:NONCE:TEXT:TAG` under scrypt of
 * `STORAGE_ENCRYPTION_KEY`, salted with a constant, for a time with the key's own hash. 9router: `enc1:NONCE:TAG:TEXT`
 * under SHA-256 of `DB_ENCRYPTION_KEY`, or of a constant where neither that nor a machine id was there.
 */
const SCHEMES = [
  {
    mark: "enc:v1:",
    order: ["nonce", "text", "tag"],
    keys: (secret: string | undefined) =>
      secret === undefined
        ? []
        : [
            scryptSync(secret, "omniroute-field-encryption-v1", 32),
            scryptSync(secret, createHash("sha256").update(secret).digest().subarray(0, 16), 32),
          ],
  },
  {
    mark: "enc1:",
    order: ["nonce", "tag", "text"],
    keys: (secret: string | undefined) => [
      createHash("sha256")
        .update(secret ?? "9router-conn-secret")
        .digest(),
    ],
  },
] as const;

export const isFormerSealed = (text: string): boolean => SCHEMES.some(({ mark }) => text.startsWith(mark));

/** `secret` is what the earlier program had in its environment. */
export function formerSeal(secret: string | undefined): FormerSeal {
  // Deriving a key takes tens of milliseconds, and most files need one of them at most.
  const keys = new Map<string, readonly Buffer[]>();
  return {
    open(sealed) {
      const scheme = SCHEMES.find(({ mark }) => sealed.startsWith(mark));
      if (!scheme) return undefined;
      const parts = sealed.slice(scheme.mark.length).split(":");
      if (parts.length !== 3 || !parts.every((part) => /^(?:[0-9a-f]{2})+$/i.test(part))) return undefined;
      const at = (name: "nonce" | "text" | "tag") => Buffer.from(parts[scheme.order.indexOf(name)]!, "hex");
      if (!keys.has(scheme.mark)) keys.set(scheme.mark, scheme.keys(secret));
      for (const key of keys.get(scheme.mark)!) {
        const text = opened(key, at("nonce"), at("text"), at("tag"));
        if (text !== undefined) return text;
      }
      return undefined;
    },
  };
}

function opened(key: Buffer, nonce: Buffer, text: Buffer, tag: Buffer): string | undefined {
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: 16 }).setAuthTag(tag);
    return Buffer.concat([decipher.update(text), decipher.final()]).toString("utf8");
  } catch {
    return undefined;
  }
}
