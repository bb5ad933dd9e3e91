import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Is there a program to make certificates with? */
export const canMakeCertificates = Bun.which("openssl") !== null;

/**
 * Makes a certificate that only itself vouches for: `cert.pem` and `key.pem` in `directory`. `names` are as openssl
 * takes them: `DNS:localhost`, `IP:127.0.0.1`.
 */
export function makeCertificate(directory: string, names: readonly string[]): { cert: string; key: string } {
  const words = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=test -addext subjectAltName=${names.join(",")} -keyout key.pem -out cert.pem`;
  const made = Bun.spawnSync(["openssl", ...words.split(" ")], { cwd: directory, stderr: "pipe" });
  if (made.exitCode !== 0) throw new Error(made.stderr.toString());
  const read = (name: string) => readFileSync(join(directory, name), "utf8");
  return { cert: read("cert.pem"), key: read("key.pem") };
}
