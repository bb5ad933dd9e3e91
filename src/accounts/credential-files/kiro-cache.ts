import type { CredentialFile } from "./credential-file.ts";
import { momentField, textField } from "./fields.ts";

/** Kiro's part of the cache of AWS sign-ins; sign-ins at AWS itself name the file of the client they were made with. */
export const kiroCache: CredentialFile = {
  id: "kiro",
  program: "Kiro",
  provider: "kiro",
  path: ".aws/sso/cache/kiro-auth-token.json",
  read(content, beside) {
    const accessToken = textField(content, "accessToken");
    if (!accessToken) return undefined;
    const hash = textField(content, "clientIdHash");
    const client = hash !== undefined && /^[\w-]+$/.test(hash) ? beside(`${hash}.json`) : undefined;
    const clientId = client && textField(client, "clientId");
    const clientSecret = client && textField(client, "clientSecret");
    const refreshToken = textField(content, "refreshToken");
    const expiresAt = momentField(content, "expiresAt");
    const profileArn = textField(content, "profileArn");
    const region = textField(content, "region");
    return {
      account: {},
      credentials: {
        accessToken,
        ...(refreshToken && { refreshToken }),
        ...(expiresAt !== undefined && { expiresAt }),
        ...(profileArn && { profileArn }),
        ...(region && { region }),
        ...(clientId && clientSecret && { clientId, clientSecret }),
      },
    };
  },
};
