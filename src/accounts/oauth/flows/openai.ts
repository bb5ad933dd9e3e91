import type { SignInFlow } from "../flow.ts";
import { SignInError } from "../sign-in-error.ts";
import { authorizeUrl, exchangeCode, refreshTokens, textClaim } from "../standard.ts";
import { settleOpenAi } from "./codex.ts";

/** Stands for the client that OpenAI issues at the first sign-in. */
const NOT_YET_ISSUED = "dynamic_agent_client";

/** "Sign in with ChatGPT" for open-source and self-hosted programs. https://developers.openai.com/siwc */
export const openai: SignInFlow = {
  provider: "openai",
  prefixes: ["OPENAI"],
  endpoints: {
    authorize: "https://auth.openai.com/api/accounts/authorize",
    token: "https://auth.openai.com/api/accounts/oauth/token",
  },
  client: { id: NOT_YET_ISSUED },
  scopes: ["openid", "profile", "email", "offline_access", "resource.invoke", "chatgpt.tokens.use.direct"],
  rotates: true,
  browser: {
    redirects: { listener: { host: "127.0.0.1", port: 1455, path: "/auth/callback" } },
    authorizeUrl(context, attempt) {
      const url = new URL(
        authorizeUrl(context, attempt, {
          resource: "https://api.openai.com/v1",
          agent_name_hint: "OmniRoute",
          ext_agent_host_id: `urn:uuid:${context.installationId}`,
          nonce: attempt.nonce,
        }),
      );
      const issued = context.issuedClient.find("openai");
      if (issued !== undefined) url.searchParams.set("client_id", issued);
      return url.href;
    },
    async exchange(context, attempt, answer) {
      const issued = answer.parameters.get("client_id") ?? context.issuedClient.find("openai");
      const clientId = issued ?? context.setting("CLIENT_ID");
      if (!clientId) {
        throw new SignInError(
          "malformed",
          "OpenAI tells the client's id in the address it ends at: paste that whole address, not the code alone.",
        );
      }
      const tokens = await exchangeCode(context, attempt, answer, { clientId });
      const nonce = textClaim(tokens.claims, "idToken", "nonce");
      if (nonce !== undefined && nonce !== attempt.nonce)
        throw new SignInError("refused", "The answer belongs to another sign-in. Begin again.");
      context.issuedClient.save("openai", clientId);
      return { ...tokens, more: { clientId } };
    },
  },
  refresh: (context, { refreshToken = "", clientId }) =>
    refreshTokens(context, refreshToken, clientId === undefined ? {} : { clientId }),
  settle: (_context, tokens) => settleOpenAi(tokens),
};
