import type { SignInFlow } from "../flow.ts";
import { callForJson, malformed } from "../http.ts";

/** OpenRouter mints an API key at the end of its sign-in. https://openrouter.ai/docs/use-cases/oauth-pkce */
export const openrouter: SignInFlow = {
  provider: "openrouter",
  prefixes: ["OPENROUTER"],
  endpoints: {
    authorize: "https://openrouter.ai/auth",
    exchange: "https://openrouter.ai/api/v1/auth/keys",
  },
  client: {},
  scopes: [],
  rotates: false,
  browser: {
    redirects: { own: "any" },
    stateInRedirect: true,
    authorizeUrl(context, attempt) {
      const url = new URL(context.endpoint("authorize"));
      url.searchParams.set("callback_url", attempt.redirectUri);
      url.searchParams.set("code_challenge", attempt.challenge);
      url.searchParams.set("code_challenge_method", "S256");
      return url.href;
    },
    async exchange(context, attempt, { code }) {
      const url = context.endpoint("exchange");
      const json = { code, code_verifier: attempt.verifier, code_challenge_method: "S256" };
      const body = await callForJson(context, { url, json });
      if (typeof body.key !== "string" || body.key === "") throw malformed(url);
      return { accessToken: body.key, claims: body };
    },
  },
  settle: (_context, { accessToken, claims }) => ({
    apiKey: accessToken,
    account: { ...(typeof claims?.user_id === "string" && { id: claims.user_id }) },
  }),
};
