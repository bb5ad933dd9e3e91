import { qwenApiUrl } from "../oauth/flows/qwen.ts";
import type { CredentialFile } from "./credential-file.ts";
import { numberField, textField } from "./fields.ts";

/** Qwen Code. https://github.com/QwenLM/qwen-code */
export const qwenCode: CredentialFile = {
  id: "qwen-code",
  program: "Qwen Code",
  provider: "qwen",
  path: ".qwen/oauth_creds.json",
  read(content) {
    const accessToken = textField(content, "access_token");
    if (!accessToken) return undefined;
    const refreshToken = textField(content, "refresh_token");
    const expiresAt = numberField(content, "expiry_date");
    const host = textField(content, "resource_url");
    const apiUrl = host === undefined ? undefined : qwenApiUrl(host);
    return {
      account: {},
      credentials: {
        accessToken,
        ...(refreshToken && { refreshToken }),
        ...(expiresAt !== undefined && { expiresAt }),
        ...(apiUrl !== undefined && { apiUrl }),
      },
    };
  },
};
