import { isPublishedSecret, isTrustedSecret } from "../core/published-secrets.ts";
import { hashPasswordSync, passwordFault } from "./password.ts";

/** A secret from the environment, or the installation's own where that one is unset, short or known to everybody. */
export function trustedSecret(
  name: string,
  given: string | undefined,
  stored: string,
  warnings: string[],
): string {
  if (given === undefined || given === "") return stored;
  if (isTrustedSecret(given)) return given;
  warnings.push(
    `${name} is a published or short value and is not used; the stored random one is. Make a good one with: openssl rand -base64 48`,
  );
  return stored;
}

/** The hash of the first password that the environment gives; undefined where it gives none that counts. */
export function initialPasswordHash(
  password: string | undefined,
  needsSetup: boolean,
  warnings: string[],
): string | undefined {
  if (password === undefined || password === "") return undefined;
  if (isPublishedSecret(password)) {
    warnings.push(
      "INITIAL_PASSWORD is a published value and counts as unset. Choose one of your own, or leave it out and use the set-up link.",
    );
    return undefined;
  }
  if (!needsSetup) return undefined;
  const fault = passwordFault(password);
  if (fault) warnings.push(`INITIAL_PASSWORD counts as unset. ${fault}`);
  return fault ? undefined : hashPasswordSync(password);
}
