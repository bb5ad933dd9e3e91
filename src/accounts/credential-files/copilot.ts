import { isObject } from "../../lib/json.ts";
import type { CredentialFile } from "./credential-file.ts";
import { textField } from "./fields.ts";

/** GitHub Copilot of editors: `{"github.com:CLIENT": {user, oauth_token}}`. The GitHub token is exchanged for a short one at once. */
export const copilot: CredentialFile = {
  id: "github-copilot",
  program: "GitHub Copilot",
  provider: "github",
  path: ".config/github-copilot/apps.json",
  read(content) {
    const entry = Object.entries(content).find(([host]) => /^github\.com(?::|$)/.test(host))?.[1];
    const token = isObject(entry) ? textField(entry, "oauth_token") : undefined;
    if (!isObject(entry) || !token) return undefined;
    const user = textField(entry, "user");
    return { account: { ...(user && { name: user }) }, credentials: { refreshToken: token, expiresAt: 0 } };
  },
};
