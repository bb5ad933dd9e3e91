import type { SignInFlow } from "../flow.ts";
import { beginDevice, pollDevice, refreshTokens, textClaim } from "../standard.ts";

/** Qwen's free sign-in ended on 2026-04-15: kept for those who set its addresses to a service that follows it. */
export const qwen: SignInFlow = {
  provider: "qwen",
  prefixes: ["QWEN"],
  endpoints: {
    device: "https://chat.qwen.ai/api/v1/oauth2/device/code",
    token: "https://chat.qwen.ai/api/v1/oauth2/token",
  },
  client: { id: "f0304373b74a44d2b584a3fb70ca9e56" },
  scopes: ["openid", "profile", "email", "model.completion"],
  rotates: true,
  device: {
    begin: (context, attempt) => beginDevice(context, attempt, { pkce: true }),
    poll: (context, attempt, device) => pollDevice(context, attempt, device, { pkce: true }),
  },
  refresh: (context, { refreshToken = "" }) => refreshTokens(context, refreshToken),
  settle(_context, { claims }) {
    const host = textClaim(claims, "resource_url");
    const apiUrl = host === undefined ? undefined : qwenApiUrl(host);
    return { account: {}, ...(apiUrl !== undefined && { more: { apiUrl } }) };
  },
};

/** Where calls go, from the host that a token answer names with or without a scheme; undefined for a foreign one. */
export function qwenApiUrl(host: string): string | undefined {
  const url = URL.parse(/^https?:\/\//.test(host) ? host : `https://${host}`);
  if (url?.protocol !== "https:" || !/(?:^|\.)(?:qwen\.ai|aliyuncs\.com)$/.test(url.hostname))
    return undefined;
  return `${url.origin}/v1`;
}
