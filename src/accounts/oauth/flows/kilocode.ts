import type { SignInFlow } from "../flow.ts";
import { callForJson, callVendor, malformed, refusalOf } from "../http.ts";
import { SignInError } from "../sign-in-error.ts";

const INTERVAL_MS = 3000;

/** Kilo Code: a device sign-in of its own, told by status codes. The token has no end and no renewal. */
export const kilocode: SignInFlow = {
  provider: "kilocode",
  prefixes: ["KILOCODE", "KILO"],
  endpoints: { device: "https://api.kilo.ai/api/device-auth/codes" },
  client: {},
  scopes: [],
  rotates: false,
  device: {
    async begin(context) {
      const url = context.endpoint("device");
      const { code, verificationUrl, expiresIn } = await callForJson(context, { url, json: {} });
      if (typeof code !== "string" || typeof verificationUrl !== "string") throw malformed(url);
      return {
        secrets: { code },
        userCode: code,
        verificationUri: verificationUrl,
        expiresInMs: (typeof expiresIn === "number" ? expiresIn : 600) * 1000,
        intervalMs: INTERVAL_MS,
      };
    },
    async poll(context, _attempt, { secrets }) {
      const url = `${context.endpoint("device")}/${encodeURIComponent(secrets.code ?? "")}`;
      const answer = await callVendor(context, { url });
      if (answer.status === 202) return { waiting: true };
      if (answer.status === 403) throw new SignInError("denied", "The sign-in was refused at Kilo.");
      if (answer.status === 410) throw new SignInError("expired", "The code has expired. Begin again.");
      const refusal = refusalOf(answer, context.clock.now());
      if (refusal?.kind === "unavailable") return { waiting: true };
      if (refusal) throw refusal;
      const { token } = answer.body;
      if (typeof token !== "string" || token === "") throw malformed(url);
      return { accessToken: token, claims: answer.body };
    },
  },
  settle(_context, { claims }) {
    const email = claims?.userEmail;
    return { account: { ...(typeof email === "string" && { id: email, email }) } };
  },
};
