import type { Credentials } from "../../../core/connection.ts";
import { beginAwsDevice, pollAwsDevice, refreshAws } from "../aws-device.ts";
import type { FlowContext } from "../context.ts";
import type { SignInFlow, Tokens } from "../flow.ts";
import { callForJson, malformed } from "../http.ts";
import { SignInError } from "../sign-in-error.ts";

/** Kiro: AWS Builder ID and IAM Identity Center by device code, Google and GitHub through Kiro's own sign-in. */
export const kiro: SignInFlow = {
  provider: "kiro",
  prefixes: ["KIRO"],
  endpoints: {
    register: "https://oidc.{region}.amazonaws.com/client/register",
    device: "https://oidc.{region}.amazonaws.com/device_authorization",
    token: "https://oidc.{region}.amazonaws.com/token",
    authorize: "https://prod.us-east-1.auth.desktop.kiro.dev/login",
    exchange: "https://prod.us-east-1.auth.desktop.kiro.dev/oauth/token",
    refresh: "https://prod.us-east-1.auth.desktop.kiro.dev/refreshToken",
  },
  client: {},
  scopes: ["codewhisperer:completions", "codewhisperer:analysis", "codewhisperer:conversations"],
  // AWS may send a new refresh token or leave the old one; one that was replaced must not be used again.
  rotates: true,
  browser: {
    redirects: { elsewhere: "kiro://kiro.kiroAgent/authenticate-success" },
    authorizeUrl(context, attempt) {
      const url = new URL(context.endpoint("authorize"));
      const parameters = {
        idp: identityProvider(attempt.choices.idp),
        redirect_uri: attempt.redirectUri,
        code_challenge: attempt.challenge,
        code_challenge_method: "S256",
        state: attempt.state,
      };
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
      return url.href;
    },
    exchange: (context, attempt, { code }) =>
      askSocial(context, "exchange", {
        code,
        code_verifier: attempt.verifier,
        redirect_uri: attempt.redirectUri,
      }),
  },
  device: { begin: beginAwsDevice, poll: pollAwsDevice },
  refresh: (context, credentials) =>
    // Sign-ins at AWS itself came with a client registered for them.
    credentials.clientId === undefined
      ? refreshSocial(context, credentials)
      : refreshAws(context, credentials),
};

function identityProvider(choice = "google"): string {
  const known = ["Google", "Github"].find((name) => name.toLowerCase() === choice.toLowerCase());
  if (!known) throw new SignInError("refused", "Kiro signs in with `google` or `github`.");
  return known;
}

function refreshSocial(context: FlowContext, { refreshToken }: Credentials): Promise<Tokens> {
  return askSocial(context, "refresh", { refreshToken });
}

async function askSocial(
  context: FlowContext,
  name: "exchange" | "refresh",
  json: { [field: string]: unknown },
): Promise<Tokens> {
  const url = context.endpoint(name);
  const body = await callForJson(context, { url, json });
  const { accessToken, refreshToken, expiresIn, profileArn } = body;
  if (typeof accessToken !== "string" || accessToken === "") throw malformed(url);
  return {
    accessToken,
    ...(typeof refreshToken === "string" && { refreshToken }),
    ...(typeof expiresIn === "number" && { lifetimeMs: expiresIn * 1000 }),
    ...(typeof profileArn === "string" && { more: { profileArn } }),
  };
}
