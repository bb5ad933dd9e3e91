import type { Connection } from "../core/connection.ts";
import { TargetFailure } from "../core/errors.ts";
import type { Clock } from "../lib/clock.ts";
import { diagnoseFailure } from "./diagnosis.ts";
import type { TestResult } from "./probe.ts";
import type { TokenKeeper } from "./refresh.ts";

/**
 * Tests an account over a token that is good; one that the provider refuses all the same is renewed once and tested
 * again.
 */
export async function testSignedIn(
  tokens: Pick<TokenKeeper, "ready" | "renew">,
  connection: Connection,
  clock: Clock,
  test: (connection: Connection) => Promise<TestResult>,
): Promise<TestResult> {
  if (connection.authType !== "oauth") return test(connection);
  try {
    const usable = await tokens.ready(connection);
    const result = await test(usable);
    if (result.diagnosis?.type !== "bad-key") return result;
    const renewed = await tokens.renew(usable);
    return forPeople(renewed ? { ...(await test(renewed)), refreshed: true } : result);
  } catch (error) {
    if (!(error instanceof TargetFailure)) throw error;
    const diagnosis = diagnoseFailure(error);
    const { message } = error;
    return forPeople({
      valid: false,
      error: message,
      diagnosis,
      latencyMs: 0,
      testedAt: clock.now(),
      probed: "none",
    });
  }
}

/** Nobody has a key to check here. */
function forPeople(result: TestResult): TestResult {
  const { diagnosis } = result;
  if (diagnosis?.type !== "bad-key" && diagnosis?.type !== "no-key") return result;
  return { ...result, diagnosis: { ...diagnosis, action: "Sign in again." } };
}
