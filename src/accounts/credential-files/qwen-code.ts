import { qwenApiUrl } from "../oauth/flows/qwen.ts";
import type { CredentialFile } from "./credential-file.ts";
import { textField, tokenFields } from "./fields.ts";

/** Qwen Code. https://github.com/QwenLM/qwen-code */
export const qwenCode: CredentialFile = {
  id: "qwen-code",
  program: "Qwen Code",
  provider: "qwen",
  path: ".qwen/oauth_creds.json",
  read(content) {
    const tokens = tokenFields(content);
    if (!tokens) return undefined;
    const host = textField(content, "resource_url");
    const apiUrl = host === undefined ? undefined : qwenApiUrl(host);
    return { account: {}, credentials: { ...tokens, ...(apiUrl !== undefined && { apiUrl }) } };
  },
};
