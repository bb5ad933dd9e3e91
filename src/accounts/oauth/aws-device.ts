import type { Credentials } from "../../core/connection.ts";
import type { JsonObject } from "../../lib/json.ts";
import type { FlowContext } from "./context.ts";
import type { Attempt, DeviceStart, Tokens, Waiting } from "./flow.ts";
import { callForJson, malformed } from "./http.ts";
import { SignInError } from "./sign-in-error.ts";
import { orWaiting } from "./standard.ts";

/**
 * The device sign-in of AWS SSO OIDC: RFC 8628 in camelCase JSON, with a client registered on the way.
 * https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/
 */
const BUILDER_ID = "https://view.awsapps.com/start";
export const DEFAULT_AWS_REGION = "us-east-1";
const DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";

/** Registers a client and asks for a code. Choices: `startUrl` of an Identity Center (default: Builder ID), `region`. */
export async function beginAwsDevice(context: FlowContext, attempt: Attempt): Promise<DeviceStart> {
  const startUrl = attempt.choices.startUrl ?? BUILDER_ID;
  if (!/^https:\/\/[\w.-]+(?:\/[\w./-]*)?$/.test(startUrl))
    throw new SignInError(
      "refused",
      "The start address must look like https://d-1234567890.awsapps.com/start.",
    );
  const registered = await callForJson(context, {
    url: context.endpoint("register"),
    json: {
      clientName: "OmniRoute",
      clientType: "public",
      scopes: context.scope.split(" "),
      grantTypes: [DEVICE_GRANT, "refresh_token"],
    },
  });
  const { clientId, clientSecret } = registered;
  if (typeof clientId !== "string" || typeof clientSecret !== "string")
    throw malformed(context.endpoint("register"));
  const url = context.endpoint("device");
  const started = await callForJson(context, { url, json: { clientId, clientSecret, startUrl } });
  const { deviceCode, userCode, verificationUri, verificationUriComplete, expiresIn, interval } = started;
  if (typeof deviceCode !== "string" || typeof userCode !== "string" || typeof verificationUri !== "string")
    throw malformed(url);
  return {
    secrets: { clientId, clientSecret, deviceCode },
    userCode,
    verificationUri,
    ...(typeof verificationUriComplete === "string" && { verificationUriComplete }),
    expiresInMs: (typeof expiresIn === "number" ? expiresIn : 600) * 1000,
    intervalMs: (typeof interval === "number" ? interval : 5) * 1000,
  };
}

/** Asks once whether the code was typed. */
export function pollAwsDevice(
  context: FlowContext,
  attempt: Attempt,
  { secrets }: DeviceStart,
): Promise<Tokens | Waiting> {
  const { clientId, clientSecret, deviceCode } = secrets;
  return orWaiting(async () => {
    const tokens = await askToken(context, { clientId, clientSecret, deviceCode, grantType: DEVICE_GRANT });
    const region = attempt.choices.region ?? DEFAULT_AWS_REGION;
    return { ...tokens, more: { clientId, clientSecret, region } };
  });
}

/** Gets a new access token with the client that was registered at sign-in. */
export function refreshAws(context: FlowContext, credentials: Credentials): Promise<Tokens> {
  const { clientId, clientSecret, refreshToken } = credentials;
  return askToken(context, { clientId, clientSecret, refreshToken, grantType: "refresh_token" });
}

async function askToken(context: FlowContext, json: JsonObject): Promise<Tokens> {
  const url = context.endpoint("token");
  const { accessToken, refreshToken, expiresIn } = await callForJson(context, { url, json });
  if (typeof accessToken !== "string" || accessToken === "") throw malformed(url);
  return {
    accessToken,
    ...(typeof refreshToken === "string" && { refreshToken }),
    ...(typeof expiresIn === "number" && { lifetimeMs: expiresIn * 1000 }),
  };
}
