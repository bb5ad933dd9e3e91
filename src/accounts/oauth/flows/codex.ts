import type { Tokens, SignInFlow } from "../flow.ts";
import { authorizeUrl, exchangeCode, refreshTokens, textClaim } from "../standard.ts";
import { beginCodexDevice, pollCodexDevice } from "../codex-device.ts";

const OPENAI_CLAIM = "https://api.openai.com/auth";

/** ChatGPT plans through the Codex service. The client and its redirect are those of OpenAI's open-source Codex. */
export const codex: SignInFlow = {
  provider: "codex",
  prefixes: ["CODEX"],
  endpoints: {
    authorize: "https://auth.openai.com/oauth/authorize",
    token: "https://auth.openai.com/oauth/token",
    device: "https://auth.openai.com/api/accounts/deviceauth/usercode",
    poll: "https://auth.openai.com/api/accounts/deviceauth/token",
    verify: "https://auth.openai.com/codex/device",
  },
  client: { id: "app_EMoamEEZ73f0CkXaXp7hrann" },
  scopes: ["openid", "profile", "email", "offline_access"],
  rotates: true,
  browser: {
    redirects: { listener: { host: "localhost", port: 1455, path: "/auth/callback" } },
    authorizeUrl: (context, attempt) =>
      authorizeUrl(context, attempt, {
        id_token_add_organizations: "true",
        codex_cli_simplified_flow: "true",
        originator: "omniroute",
      }),
    exchange: (context, attempt, answer) => exchangeCode(context, attempt, answer),
  },
  device: { begin: beginCodexDevice, poll: pollCodexDevice },
  refresh: (context, { refreshToken = "" }) =>
    refreshTokens(context, refreshToken, { fields: { scope: context.scope } }),
  settle: (_context, tokens) => settleOpenAi(tokens),
};

/** Who signed in at OpenAI, from the id token. Calls of the Codex service name the account. */
export function settleOpenAi({ claims }: Tokens) {
  const id = textClaim(claims, "idToken", OPENAI_CLAIM, "chatgpt_account_id");
  const email = textClaim(claims, "idToken", "email");
  return { account: { ...(id && { id }), ...(email && { email }) } };
}
