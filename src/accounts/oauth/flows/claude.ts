import type { SignInFlow } from "../flow.ts";
import { authorizeUrl, exchangeCode, refreshTokens, textClaim } from "../standard.ts";

/** Claude Pro and Max. https://code.claude.com/docs/en/legal-and-compliance says who may use this. */
export const claude: SignInFlow = {
  provider: "claude",
  prefixes: ["CLAUDE"],
  endpoints: {
    authorize: "https://claude.ai/oauth/authorize",
    token: "https://platform.claude.com/v1/oauth/token",
  },
  client: {
    own: {
      needs: "id",
      recipe:
        "Anthropic gives out no client of its own for other programs. Ask Anthropic for an OAuth client, set the variable to its id, and start OmniRoute again.",
    },
  },
  scopes: [
    "org:create_api_key",
    "user:profile",
    "user:inference",
    "user:sessions:claude_code",
    "user:mcp_servers",
    "user:file_upload",
  ],
  rotates: true,
  browser: {
    // Shows `code#state` to copy when this gateway runs on another machine than the browser.
    redirects: { own: "loopback", elsewhere: "https://platform.claude.com/oauth/code/callback" },
    authorizeUrl: (context, attempt) => authorizeUrl(context, attempt, { code: "true" }),
    // The vendor wants JSON, and the state once more.
    exchange: (context, attempt, answer) =>
      exchangeCode(context, attempt, answer, { json: true, fields: { state: attempt.state } }),
  },
  refresh: (context, { refreshToken = "" }) => refreshTokens(context, refreshToken, { json: true }),
  settle(_context, { claims }) {
    const id = textClaim(claims, "account", "uuid");
    const email = textClaim(claims, "account", "email_address");
    return { account: { ...(id && { id }), ...(email && { email }) } };
  },
};
