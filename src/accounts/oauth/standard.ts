import * as oauth from "oauth4webapi";
import { isObject, type JsonObject } from "../../lib/json.ts";
import type { FlowContext } from "./context.ts";
import type { Attempt, BrowserAnswer, DeviceStart, EndpointName, Tokens, Waiting } from "./flow.ts";
import { callVendor, malformed, refusalOf, type VendorCall } from "./http.ts";
import { claimsOf } from "./id-token.ts";
import { SignInError } from "./sign-in-error.ts";

/** Where a vendor departs from the letter of the standards. */
export type Dialect = {
  /** Takes JSON where the standard has a form. */
  json?: boolean;
  /** How the client proves itself. Default: a secret in the body where there is one, else nothing. */
  secret?: "body" | "basic";
  /** Further fields of the token request. */
  fields?: { readonly [field: string]: string };
  /** Which address answers. Default: `token`. */
  endpoint?: EndpointName;
};

/** The parameters every authorization request has, behind the vendor's own. */
export function authorizeUrl(
  context: FlowContext,
  attempt: Attempt,
  extra: { readonly [name: string]: string } = {},
): string {
  const url = new URL(context.endpoint("authorize"));
  const parameters = {
    ...extra,
    response_type: "code",
    client_id: context.requiredClientId(),
    redirect_uri: attempt.redirectUri,
    ...(context.scope !== "" && { scope: context.scope }),
    state: attempt.state,
    code_challenge: attempt.challenge,
    code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

/** Exchanges a code for tokens (RFC 6749 4.1.3 with RFC 7636). Throws `SignInError`. */
export async function exchangeCode(
  context: FlowContext,
  attempt: Pick<Attempt, "state" | "redirectUri" | "verifier">,
  answer: BrowserAnswer,
  dialect: Dialect & { clientId?: string } = {},
): Promise<Tokens> {
  const { server, client, proof, options, seen } = call(context, dialect);
  // The state was compared when the answer came in.
  const parameters = oauth.validateAuthResponse(
    server,
    client,
    new URLSearchParams({ code: answer.code, state: attempt.state }),
    attempt.state,
  );
  return tokensOf(context, seen, async () =>
    oauth.processAuthorizationCodeResponse(
      server,
      client,
      await oauth.authorizationCodeGrantRequest(
        server,
        client,
        proof,
        parameters,
        attempt.redirectUri,
        attempt.verifier,
        options,
      ),
    ),
  );
}

/** Gets a new access token (RFC 6749 6). Throws `SignInError`. */
export async function refreshTokens(
  context: FlowContext,
  refreshToken: string,
  dialect: Dialect & { clientId?: string } = {},
): Promise<Tokens> {
  const { server, client, proof, options, seen } = call(context, dialect);
  return tokensOf(context, seen, async () =>
    oauth.processRefreshTokenResponse(
      server,
      client,
      await oauth.refreshTokenGrantRequest(server, client, proof, refreshToken, options),
    ),
  );
}

/** Asks for a code to type (RFC 8628 3.1). `pkce`: bound to the attempt's verifier. Throws `SignInError`. */
export async function beginDevice(
  context: FlowContext,
  attempt: Attempt,
  dialect: { pkce?: boolean } = {},
): Promise<DeviceStart> {
  const { server, client, proof, options } = call(context, {});
  const parameters = {
    ...(context.scope !== "" && { scope: context.scope }),
    ...(dialect.pkce && { code_challenge: attempt.challenge, code_challenge_method: "S256" }),
  };
  const started = await translated(context, "device", async () =>
    oauth.processDeviceAuthorizationResponse(
      server,
      client,
      await oauth.deviceAuthorizationRequest(server, client, proof, parameters, options),
    ),
  );
  return {
    secrets: { deviceCode: started.device_code },
    userCode: started.user_code,
    verificationUri: started.verification_uri,
    ...(started.verification_uri_complete !== undefined && {
      verificationUriComplete: started.verification_uri_complete,
    }),
    expiresInMs: started.expires_in * 1000,
    intervalMs: (started.interval ?? 5) * 1000,
  };
}

/** Asks once whether the person has typed the code (RFC 8628 3.4). Throws `SignInError` when they never will. */
export async function pollDevice(
  context: FlowContext,
  attempt: Attempt,
  device: DeviceStart,
  dialect: { pkce?: boolean } = {},
): Promise<Tokens | Waiting> {
  const { server, client, proof, options, seen } = call(
    context,
    dialect.pkce ? { fields: { code_verifier: attempt.verifier } } : {},
  );
  return orWaiting(() =>
    tokensOf(context, seen, async () =>
      oauth.processDeviceCodeResponse(
        server,
        client,
        await oauth.deviceCodeGrantRequest(server, client, proof, device.secrets.deviceCode ?? "", options),
      ),
    ),
  );
}

/** Turns the two refusals that mean "not yet" into what they mean. */
export async function orWaiting(ask: () => Promise<Tokens>): Promise<Tokens | Waiting> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof SignInError)) throw error;
    const { code } = error.options;
    if (code === "authorization_pending") return { waiting: true };
    // RFC 8628 3.5: each of these adds five seconds to the pause.
    if (code === "slow_down") return { waiting: true, slower: true };
    if (error.kind === "unavailable") return { waiting: true };
    throw error;
  }
}

/** The last good answer, as the vendor wrote it; the library gives only what the standard names. */
type Seen = { body: JsonObject; endpoint: EndpointName };

function call(context: FlowContext, dialect: Dialect & { clientId?: string }) {
  const { endpoint = "token" } = dialect;
  const address = (name: EndpointName) =>
    context.flow.endpoints[name] === undefined ? undefined : context.endpoint(name);
  const server: oauth.AuthorizationServer = {
    issuer: new URL(context.endpoint(endpoint)).origin,
    token_endpoint: context.endpoint(endpoint),
    device_authorization_endpoint: address("device"),
  };
  const client: oauth.Client = { client_id: dialect.clientId ?? context.requiredClientId() };
  const seen: Seen = { body: {}, endpoint };
  const options = {
    ...(dialect.fields && { additionalParameters: { ...dialect.fields } }),
    signal: context.signal,
    // Only addresses that the operator typed in can be plain HTTP; the built-in ones are not.
    [oauth.allowInsecureRequests]: true,
    [oauth.customFetch]: (url: string, init: FetchInit) => fetchThrough(context, dialect, seen, url, init),
  };
  return { server, client, proof: proofOf(context, dialect), options, seen };
}

function proofOf(context: FlowContext, dialect: Dialect): oauth.ClientAuth {
  const secret = context.clientSecret;
  if (secret === undefined) return oauth.None();
  return dialect.secret === "basic" ? oauth.ClientSecretBasic(secret) : oauth.ClientSecretPost(secret);
}

type FetchInit = { method: string; headers: Record<string, string>; body?: unknown };

/** What the library sends, sent our way; what it could not read, read first. Throws `SignInError` for refusals. */
async function fetchThrough(
  context: FlowContext,
  dialect: Dialect,
  seen: Seen,
  url: string,
  { method, headers, body }: FetchInit,
): Promise<Response> {
  const request: VendorCall = { method, url, headers: withoutType(headers) };
  const form = body instanceof URLSearchParams ? body : undefined;
  if (form) Object.assign(request, dialect.json ? { json: Object.fromEntries(form) } : { form });
  const answer = await callVendor(context, request);
  const refusal = refusalOf(answer, context.clock.now());
  if (refusal) throw refusal;
  if (!answer.isJson) throw malformed(url);
  seen.body = answer.body;
  // The id token came straight from the vendor over its own TLS: it is read for names, and is no proof here.
  const { id_token: _unread, ...rest } = answer.body;
  return Response.json({ token_type: "bearer", ...rest });
}

function withoutType(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !/^(?:content-type|user-agent)$/i.test(name)),
  );
}

async function tokensOf(
  context: FlowContext,
  seen: Seen,
  ask: () => Promise<oauth.TokenEndpointResponse>,
): Promise<Tokens> {
  const answer = await translated(context, seen.endpoint, ask);
  const idToken = seen.body.id_token;
  return {
    accessToken: answer.access_token,
    ...(answer.refresh_token !== undefined && { refreshToken: answer.refresh_token }),
    ...(answer.expires_in !== undefined && { lifetimeMs: answer.expires_in * 1000 }),
    claims: { ...seen.body, ...(typeof idToken === "string" && { idToken: claimsOf(idToken) }) },
  };
}

/** The library's complaints quote the answer, tokens and all: they go no further. */
async function translated<T>(
  context: FlowContext,
  endpoint: EndpointName,
  ask: () => Promise<T>,
): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof SignInError) throw error;
    const isTheirs =
      error instanceof oauth.OperationProcessingError ||
      error instanceof oauth.UnsupportedOperationError ||
      error instanceof oauth.ResponseBodyError;
    if (!isTheirs) throw error;
    throw malformed(context.endpoint(endpoint));
  }
}

/** A field of a token answer or id token, where it is a text. */
export function textClaim(claims: Tokens["claims"], ...path: string[]): string | undefined {
  let value: unknown = claims;
  for (const name of path) value = isObject(value) ? value[name] : undefined;
  return typeof value === "string" && value !== "" ? value : undefined;
}
