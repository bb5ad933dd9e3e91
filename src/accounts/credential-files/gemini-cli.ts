import { claimsOf } from "../oauth/id-token.ts";
import type { CredentialFile } from "./credential-file.ts";
import { textField, tokenFields } from "./fields.ts";

/** Gemini CLI. Its refresh token belongs to Google's own client: only that one can renew it. */
export const geminiCliFile: CredentialFile = {
  id: "gemini-cli",
  program: "Gemini CLI",
  provider: "gemini-cli",
  path: ".gemini/oauth_creds.json",
  read(content) {
    const credentials = tokenFields(content);
    if (!credentials) return undefined;
    const { email, sub } = claimsOf(textField(content, "id_token") ?? "");
    return {
      account: { ...(typeof email === "string" && { email }), ...(typeof sub === "string" && { id: sub }) },
      credentials,
    };
  },
};
