import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { randomToken } from "../lib/ids.ts";
import { writePrivateFile } from "./data-dir.ts";
import { StoreError } from "./store-error.ts";

const secretsShape = z.object({
  jwt: z.string().min(32),
  apiKey: z.string().min(32),
  storage: z.string().min(32),
});

/** The secrets this installation made for itself: cookie signing, hash of client keys, credentials at rest. */
export type Secrets = z.infer<typeof secretsShape>;

/** Reads `secrets.json`; undefined when there is none. Throws `StoreError` when it cannot be understood. */
export function readSecrets(path: string): Secrets | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return secretsShape.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    // The cause is not kept: it would quote the file.
    throw new StoreError(
      "key-missing",
      `${path} cannot be read as the secrets of this installation: put the file back from a copy. It is never made anew over existing data.`,
    );
  }
}

/** Makes new secrets and keeps them for good. Only for a directory without encrypted data. */
export function makeSecrets(path: string): Secrets {
  const secrets = { jwt: randomToken(), apiKey: randomToken(), storage: randomToken() };
  writePrivateFile(path, `${JSON.stringify(secrets, null, 2)}\n`);
  return secrets;
}
