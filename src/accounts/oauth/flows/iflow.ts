import type { SignInFlow } from "../flow.ts";
import { callForJson } from "../http.ts";
import { SignInError } from "../sign-in-error.ts";
import { exchangeCode, refreshTokens, textClaim } from "../standard.ts";

/** iFlow closed on 2026-04-17: kept for those who set its addresses to a service that follows it. */
export const iflow: SignInFlow = {
  provider: "iflow",
  prefixes: ["IFLOW"],
  endpoints: {
    authorize: "https://iflow.cn/oauth",
    token: "https://iflow.cn/oauth/token",
    userinfo: "https://iflow.cn/api/oauth/getUserInfo",
  },
  client: {
    own: { needs: "both", recipe: "iFlow gave out no clients, and closed its service on 2026-04-17." },
  },
  scopes: [],
  rotates: true,
  browser: {
    redirects: { own: "any" },
    authorizeUrl(context, attempt) {
      const url = new URL(context.endpoint("authorize"));
      const parameters = {
        loginMethod: "phone",
        type: "phone",
        redirect: attempt.redirectUri,
        state: attempt.state,
        client_id: context.requiredClientId(),
      };
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
      return url.href;
    },
    exchange: (context, attempt, answer) => exchangeCode(context, attempt, answer, { secret: "basic" }),
  },
  refresh: (context, { refreshToken = "" }) => refreshTokens(context, refreshToken, { secret: "basic" }),
  async settle(context, tokens) {
    const body = await callForJson(context, {
      url: context.endpoint("userinfo"),
      headers: { authorization: `Bearer ${tokens.accessToken}` },
    });
    const apiKey = textClaim(body, "data", "apiKey");
    if (apiKey === undefined) throw new SignInError("malformed", "iFlow gave no API key for this account.");
    const email = textClaim(body, "data", "email") ?? textClaim(body, "data", "phone");
    return { account: { ...(email && { email, id: email }) }, apiKey };
  },
};
