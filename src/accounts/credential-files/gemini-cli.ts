import { claimsOf } from "../oauth/id-token.ts";
import type { CredentialFile } from "./credential-file.ts";
import { numberField, textField } from "./fields.ts";

/** Gemini CLI. Its refresh token belongs to Google's own client: only that one can renew it. */
export const geminiCliFile: CredentialFile = {
  id: "gemini-cli",
  program: "Gemini CLI",
  provider: "gemini-cli",
  path: ".gemini/oauth_creds.json",
  read(content) {
    const accessToken = textField(content, "access_token");
    if (!accessToken) return undefined;
    const refreshToken = textField(content, "refresh_token");
    const expiresAt = numberField(content, "expiry_date");
    const { email, sub } = claimsOf(textField(content, "id_token") ?? "");
    return {
      account: { ...(typeof email === "string" && { email }), ...(typeof sub === "string" && { id: sub }) },
      credentials: {
        accessToken,
        ...(refreshToken && { refreshToken }),
        ...(expiresAt !== undefined && { expiresAt }),
      },
    };
  },
};
