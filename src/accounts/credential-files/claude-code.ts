import { numberField, objectField, textField } from "./fields.ts";
import type { CredentialFile } from "./credential-file.ts";

/** Claude Code on Linux and Windows; on macOS it keeps its sign-in in the keychain. */
export const claudeCode: CredentialFile = {
  id: "claude-code",
  program: "Claude Code",
  provider: "claude",
  path: ".claude/.credentials.json",
  read(content) {
    const held = objectField(content, "claudeAiOauth");
    const accessToken = held && textField(held, "accessToken");
    if (!held || !accessToken) return undefined;
    const refreshToken = textField(held, "refreshToken");
    const expiresAt = numberField(held, "expiresAt");
    return {
      account: {},
      credentials: {
        accessToken,
        ...(refreshToken && { refreshToken }),
        ...(expiresAt !== undefined && { expiresAt }),
      },
    };
  },
};
