import { isObject } from "../../../lib/json.ts";
import type { FlowContext } from "../context.ts";
import type { SignInFlow, Tokens } from "../flow.ts";
import { callForJson, callVendor, lifetimeUntil, malformed, refusalOf } from "../http.ts";
import { beginDevice, pollDevice } from "../standard.ts";

/** GitHub Copilot: a long-lived GitHub token, exchanged for one of half an hour that the models take. */
export const github: SignInFlow = {
  provider: "github",
  prefixes: ["GITHUB"],
  endpoints: {
    device: "https://github.com/login/device/code",
    token: "https://github.com/login/oauth/access_token",
    exchange: "https://api.github.com/copilot_internal/v2/token",
    userinfo: "https://api.github.com/user",
  },
  client: {
    own: {
      needs: "id",
      recipe: [
        "GitHub wants a client of your own:",
        "1. Open https://github.com/settings/applications/new and register an OAuth app (any home page and callback).",
        "2. Tick “Enable Device Flow” in its settings.",
        "3. Set the variable to its client id, and start OmniRoute again. No secret is needed.",
        "GitHub decides which apps may use Copilot.",
      ].join("\n"),
    },
  },
  scopes: ["read:user"],
  // The GitHub token stays; only the short one is renewed with it.
  rotates: false,
  device: { begin: (context, attempt) => beginDevice(context, attempt), poll: pollDevice },
  refresh: (context, { refreshToken = "" }) => exchangeForCopilot(context, refreshToken),
  async settle(context, { accessToken }) {
    const { id, login, email } = await callForJson(context, {
      url: context.endpoint("userinfo"),
      headers: { authorization: `Bearer ${accessToken}` },
    });
    const account = {
      ...(typeof id === "number" && { id: String(id) }),
      ...(typeof login === "string" && { name: login }),
      ...(typeof email === "string" && { email }),
    };
    const copilot = await exchangeForCopilot(context, accessToken);
    return { account, more: credentialsOf(copilot, accessToken) };
  },
};

function credentialsOf(copilot: Tokens, githubToken: string) {
  return {
    ...copilot.more,
    accessToken: copilot.accessToken,
    refreshToken: githubToken,
    ...(copilot.lifetimeMs !== undefined && { lifetimeMs: copilot.lifetimeMs }),
  };
}

/**
 * The short-lived Copilot token. Where GitHub has no exchange for this app (404), the GitHub token itself is what an
 * allowed app calls with.
 */
async function exchangeForCopilot(context: FlowContext, githubToken: string): Promise<Tokens> {
  const url = context.endpoint("exchange");
  const answer = await callVendor(context, { url, headers: { authorization: `token ${githubToken}` } });
  if (answer.status === 404) return { accessToken: githubToken };
  const refusal = refusalOf(answer, context.clock.now());
  if (refusal) throw refusal;
  const { token, expires_at: end, refresh_in: renewIn, endpoints } = answer.body;
  if (typeof token !== "string" || token === "") throw malformed(url);
  const api = isObject(endpoints) ? endpoints.api : undefined;
  const apiUrl = typeof api === "string" ? ownHost(context, api) : undefined;
  const lifetimeMs =
    typeof end === "number"
      ? lifetimeUntil(end * 1000, answer.headers, context.clock.now())
      : typeof renewIn === "number"
        ? renewIn * 1000
        : undefined;
  return {
    accessToken: token,
    ...(lifetimeMs !== undefined && { lifetimeMs }),
    ...(apiUrl !== undefined && { more: { apiUrl } }),
  };
}

/** The API host that the answer names, if it is GitHub's own; credentials go nowhere else. */
function ownHost(context: FlowContext, address: string): string | undefined {
  const url = URL.parse(address);
  if (!url) return undefined;
  const isGitHub = url.protocol === "https:" && /(?:^|\.)(?:githubcopilot\.com|ghe\.com)$/.test(url.hostname);
  return isGitHub || context.isOwnAddress(address) ? address.replace(/\/+$/, "") : undefined;
}
