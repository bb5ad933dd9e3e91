import type { Connection } from "../core/connection.ts";
import { TargetFailure } from "../core/errors.ts";
import type { Target } from "../core/target.ts";

/** What keeps the tokens of signed-in accounts good. */
export type Tokens = {
  /** The connection with a token that is good now; waits only where it has to be renewed first. */
  ready(connection: Connection): Connection | Promise<Connection>;
  /** The connection with another token than the one that was refused, where one can be had. */
  renew(used: Connection): Promise<Connection | undefined>;
};

/**
 * Tries a target over an account that is ready to be used. Where the provider refuses a signed-in account, once more
 * with a renewed token, unless what is sent can be sent only once. Throws what `run` throws.
 */
export async function withAccount<T>(
  tokens: Tokens,
  target: Target,
  run: (target: Target) => Promise<T>,
  { repeats = true } = {},
): Promise<T> {
  if (target.connection.authType !== "oauth") return run(target);
  const connection = await tokens.ready(target.connection);
  try {
    return await run({ ...target, connection });
  } catch (error) {
    const isRefused = error instanceof TargetFailure && error.kind === "credentials";
    const renewed = isRefused ? await tokens.renew(connection) : undefined;
    if (!renewed || !repeats) throw error;
    return run({ ...target, connection: renewed });
  }
}
