import { settleOpenAi } from "../oauth/flows/codex.ts";
import { claimsOf } from "../oauth/id-token.ts";
import type { CredentialFile } from "./credential-file.ts";
import { objectField, textField } from "./fields.ts";

/** Codex keeps either a sign-in or an API key. https://github.com/openai/codex (codex-rs/login) */
export const codexCli: CredentialFile = {
  id: "codex-cli",
  program: "Codex",
  provider: "codex",
  path: ".codex/auth.json",
  read(content) {
    const tokens = objectField(content, "tokens");
    const accessToken = tokens && textField(tokens, "access_token");
    const apiKey = textField(content, "OPENAI_API_KEY");
    if (!tokens || !accessToken)
      return apiKey ? { account: {}, credentials: { apiKey }, isKey: true, provider: "openai" } : undefined;
    const refreshToken = textField(tokens, "refresh_token");
    const idToken = claimsOf(textField(tokens, "id_token") ?? "");
    const { account } = settleOpenAi({ accessToken, claims: { idToken } });
    const accountId = textField(tokens, "account_id") ?? account.id;
    const { exp } = claimsOf(accessToken);
    return {
      account: { ...account, ...(accountId && { id: accountId }) },
      credentials: {
        accessToken,
        ...(refreshToken && { refreshToken }),
        ...(accountId && { accountId }),
        ...(typeof exp === "number" && { expiresAt: exp * 1000 }),
      },
    };
  },
};
