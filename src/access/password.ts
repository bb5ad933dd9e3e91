import { GatewayError, badRequest } from "../core/errors.ts";
import { isCommonPassword } from "./common-passwords.ts";

const SHORTEST = 8;
const LONGEST = 1024;
/** OWASP's floor for argon2id; more would let a few guesses at once starve everybody else. */
const ARGON2ID = { algorithm: "argon2id", memoryCost: 19_456, timeCost: 2 } as const;
const AT_ONCE = 2;
const MOST_WAITING = 16;

/** What speaks against a new password, in words for its owner; undefined when nothing does. */
export function passwordFault(password: string): string | undefined {
  if (password.length < SHORTEST) return `The password needs at least ${SHORTEST} characters.`;
  if (password.length > LONGEST) return `The password may have at most ${LONGEST} characters.`;
  if (isCommonPassword(password))
    return "This password is among the first anybody would try: choose another one.";
  return undefined;
}

/** Throws `bad_request` naming the field when a new password will not do. */
export function checkNewPassword(password: string, field = "password"): void {
  const fault = passwordFault(password);
  if (fault) throw badRequest(fault, field);
}

/** Only for the start, before anybody is served: blocks for some 40 ms. */
export const hashPasswordSync = (password: string): string => Bun.password.hashSync(password, ARGON2ID);

/** Hashes and compares passwords, two at a time: each takes 19 MiB and some 40 ms of a core. */
export class PasswordHasher {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  hash(password: string): Promise<string> {
    return this.#inTurn(() => Bun.password.hash(password, ARGON2ID));
  }

  /** Is this the password that was hashed? Too long ones are not even tried. */
  async matches(password: string, hash: string): Promise<boolean> {
    if (password.length === 0 || password.length > LONGEST) return false;
    return this.#inTurn(() => Bun.password.verify(password, hash));
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= AT_ONCE) {
      if (this.#waiting.length >= MOST_WAITING) {
        throw new GatewayError("rate_limit_exceeded", "Too many sign-ins at once: try again in a moment.", {
          retryAfterMs: 1000,
        });
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#running++;
    try {
      return await work();
    } finally {
      // The place passes on to whoever waits longest; nobody can slip in between.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }
}
