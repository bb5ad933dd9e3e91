import type { SignInFlow } from "../flow.ts";
import { beginDevice, pollDevice, refreshTokens } from "../standard.ts";
import { claimsOf } from "../id-token.ts";

/** Kimi Code subscriptions; the client is the one Moonshot publishes with its open-source command line. */
export const kimiCoding: SignInFlow = {
  provider: "kimi-coding",
  prefixes: ["KIMI_CODING", "KIMI"],
  endpoints: {
    device: "https://auth.kimi.com/api/oauth/device_authorization",
    token: "https://auth.kimi.com/api/oauth/token",
  },
  client: { id: "17e5f671-d194-4dfb-9706-5516cb48c098" },
  scopes: [],
  rotates: true,
  device: { begin: (context, attempt) => beginDevice(context, attempt), poll: pollDevice },
  refresh: (context, { refreshToken = "" }) => refreshTokens(context, refreshToken),
  settle(_context, { accessToken }) {
    const { sub, user_id: userId } = claimsOf(accessToken);
    const id = typeof userId === "string" ? userId : sub;
    return { account: { ...(typeof id === "string" && { id }) } };
  },
};
