import { isObject, type JsonObject, tryParseJson } from "../../../lib/json.ts";
import type { FlowContext } from "../context.ts";
import type { SignInFlow, Tokens } from "../flow.ts";
import { callVendor, lifetimeUntil, malformed, refusalOf, type VendorAnswer } from "../http.ts";
import { textClaim } from "../standard.ts";

/** Cline accounts. The code that comes back holds the tokens; where it does not, it is exchanged for them. */
export const cline: SignInFlow = {
  provider: "cline",
  prefixes: ["CLINE"],
  endpoints: {
    authorize: "https://api.cline.bot/api/v1/auth/authorize",
    token: "https://api.cline.bot/api/v1/auth/token",
    refresh: "https://api.cline.bot/api/v1/auth/refresh",
  },
  client: {},
  scopes: [],
  rotates: true,
  browser: {
    redirects: { own: "any" },
    stateInRedirect: true,
    authorizeUrl(context, attempt) {
      const url = new URL(context.endpoint("authorize"));
      url.searchParams.set("client_type", "extension");
      url.searchParams.set("callback_url", attempt.redirectUri);
      url.searchParams.set("redirect_uri", attempt.redirectUri);
      return url.href;
    },
    async exchange(context, attempt, { code }) {
      const held = tryParseJson(Buffer.from(code, "base64").toString("utf8"));
      if (isObject(held) && typeof held.accessToken === "string")
        return tokensIn(held, undefined, context.clock.now(), context.endpoint("token"));
      return ask(context, "token", {
        grant_type: "authorization_code",
        code,
        client_type: "extension",
        redirect_uri: attempt.redirectUri,
      });
    },
  },
  refresh: (context, { refreshToken }) =>
    ask(context, "refresh", { refreshToken, grantType: "refresh_token", clientType: "extension" }),
  settle(_context, { claims }) {
    const email = textClaim(claims, "email") ?? textClaim(claims, "userInfo", "email");
    return { account: { ...(email && { id: email, email }) } };
  },
};

async function ask(context: FlowContext, name: "token" | "refresh", json: JsonObject): Promise<Tokens> {
  const url = context.endpoint(name);
  const answer = await callVendor(context, { url, json });
  const now = context.clock.now();
  const refusal = refusalOf(answer, now);
  if (refusal) throw refusal;
  if (!isObject(answer.body.data)) throw malformed(url);
  return tokensIn(answer.body.data, answer, now, url);
}

function tokensIn(held: JsonObject, answer: VendorAnswer | undefined, now: number, url: string): Tokens {
  const { accessToken, refreshToken, expiresAt } = held;
  if (typeof accessToken !== "string" || accessToken === "") throw malformed(url);
  const end = typeof expiresAt === "number" ? expiresAt : Date.parse(String(expiresAt));
  const lifetimeMs = Number.isFinite(end)
    ? lifetimeUntil(end < 1e12 ? end * 1000 : end, answer?.headers ?? new Headers(), now)
    : undefined;
  return {
    // Calls say who signed the token; see the provider's prefix.
    accessToken: accessToken.replace(/^workos:/, ""),
    ...(typeof refreshToken === "string" && { refreshToken }),
    ...(lifetimeMs !== undefined && { lifetimeMs }),
    claims: held,
  };
}
