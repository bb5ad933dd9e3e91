import type { FlowContext } from "./context.ts";
import type { Attempt, DeviceStart, Tokens, Waiting } from "./flow.ts";
import { callForJson, callVendor, malformed, refusalOf } from "./http.ts";
import { SignInError } from "./sign-in-error.ts";
import { exchangeCode } from "./standard.ts";

/** OpenAI ends a code after a quarter of an hour. */
const EXPIRES_MS = 15 * 60_000;
const REDIRECT = "https://auth.openai.com/deviceauth/callback";

/** OpenAI's own device sign-in: the code leads to an authorization code, which is exchanged as usual. */
export async function beginCodexDevice(context: FlowContext): Promise<DeviceStart> {
  const url = context.endpoint("device");
  const body = await callForJson(context, { url, json: { client_id: context.requiredClientId() } });
  const { device_auth_id: handle, user_code: code, usercode: olderCode, interval } = body;
  const userCode = typeof code === "string" ? code : olderCode;
  if (typeof handle !== "string" || typeof userCode !== "string") throw malformed(url);
  const seconds = Number(interval);
  return {
    secrets: { handle, userCode },
    userCode,
    verificationUri: context.endpoint("verify"),
    expiresInMs: EXPIRES_MS,
    intervalMs: (seconds > 0 ? seconds : 5) * 1000,
  };
}

/** While nobody has typed the code, OpenAI answers 403 or 404. */
export async function pollCodexDevice(
  context: FlowContext,
  attempt: Attempt,
  { secrets }: DeviceStart,
): Promise<Tokens | Waiting> {
  const url = context.endpoint("poll");
  const answer = await callVendor(context, {
    url,
    json: { device_auth_id: secrets.handle, user_code: secrets.userCode },
  });
  if (answer.status === 403 || answer.status === 404) return { waiting: true };
  const refusal = refusalOf(answer, context.clock.now());
  if (refusal?.kind === "unavailable") return { waiting: true };
  if (refusal) throw refusal;
  const { authorization_code: code, code_verifier: verifier } = answer.body;
  if (typeof code !== "string" || typeof verifier !== "string")
    throw new SignInError("malformed", "The vendor gave no code to exchange.");
  const redirectUri = REDIRECT;
  return exchangeCode(
    context,
    { state: attempt.state, redirectUri, verifier },
    { code, parameters: new URLSearchParams() },
  );
}
