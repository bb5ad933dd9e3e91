import { challengeOf, type OAuthCall, redirect, refusal, type Vendor } from "./oauth-server.ts";

/** What vendors remember that keep to no standard. */
export type OddState = {
  /** AWS: clients registered on the way, id → secret. */
  registrations: Map<string, string>;
  /** Kilo: code → state. */
  kilo: Map<string, "waiting" | "approved" | "denied" | "expired">;
};

/** The ways of single vendors. */
export async function odd(vendor: Vendor, call: OAuthCall, url: URL): Promise<Response> {
  const { fields, headers, path } = call;
  const text = (name: string): string => (typeof fields[name] === "string" ? fields[name] : "");
  switch (path) {
    // GitHub: errors with status 200, and the exchange for Copilot's own token.
    case "/github/token": {
      const answer = await vendor.token(call);
      if (answer.ok) {
        const { access_token } = (await answer.json()) as { access_token: string };
        return Response.json({ access_token, token_type: "bearer", scope: "read:user" });
      }
      return Response.json({ ...((await answer.json()) as object), interval: vendor.rules.interval });
    }
    case "/github/user":
      return Response.json({ id: 4711, login: "octo-person", email: vendor.rules.account.email });
    case "/copilot/token": {
      const token = headers["authorization"]?.replace(/^token /, "") ?? "";
      if (!token.startsWith("access-")) return refusal(401, "bad_credentials");
      vendor.counts.refreshes++;
      await vendor.hooks.beforeAnswer?.("refresh");
      const lifetime = vendor.rules.expiresIn ?? 1500;
      return Response.json({
        token: `copilot-${crypto.randomUUID()}`,
        expires_at: Math.floor((Date.now() + vendor.rules.skewMs) / 1000) + lifetime,
        refresh_in: lifetime - 60,
        endpoints: { api: vendor.url },
      });
    }

    // OpenAI: a device code that leads to an authorization code.
    case "/deviceauth/usercode": {
      const { deviceCode, userCode } = vendor.newDevice(undefined);
      return Response.json({
        device_auth_id: deviceCode,
        user_code: userCode,
        interval: String(vendor.rules.interval),
      });
    }
    case "/deviceauth/token": {
      const device = vendor.devices.get(text("device_auth_id"));
      if (!device || device.userCode !== text("user_code") || device.state === "waiting")
        return refusal(403, "pending");
      if (device.state === "denied") return refusal(400, "access_denied");
      if (device.state === "expired") return refusal(400, "expired_token");
      const verifier = crypto.randomUUID() + crypto.randomUUID();
      const code = vendor.newCode({
        clientId: vendor.rules.clientId,
        redirectUri: "https://auth.openai.com/deviceauth/callback",
        challenge: challengeOf(verifier),
        nonce: null,
      });
      return Response.json({
        authorization_code: code,
        code_verifier: verifier,
        code_challenge: challengeOf(verifier),
      });
    }

    // AWS SSO OIDC: camelCase, and a client registered first.
    case "/client/register": {
      const clientId = `aws-client-${crypto.randomUUID()}`;
      const clientSecret = `aws-secret-${crypto.randomUUID()}`;
      vendor.odd.registrations.set(clientId, clientSecret);
      return Response.json({
        clientId,
        clientSecret,
        clientIdIssuedAt: 1,
        clientSecretExpiresAt: 2_000_000_000,
      });
    }
    case "/device_authorization": {
      if (vendor.odd.registrations.get(text("clientId")) !== text("clientSecret"))
        return refusal(401, "invalid_client");
      const { deviceCode, userCode } = vendor.newDevice(undefined);
      return Response.json({
        deviceCode,
        userCode,
        verificationUri: `${vendor.url}/verify`,
        verificationUriComplete: `${vendor.url}/verify?user_code=${userCode}`,
        expiresIn: vendor.rules.deviceExpiresIn,
        interval: vendor.rules.interval,
      });
    }
    case "/aws/token": {
      if (vendor.odd.registrations.get(text("clientId")) !== text("clientSecret"))
        return refusal(401, "invalid_client");
      if (text("grantType") === "refresh_token") {
        const answer = await vendor.refresh(text("refreshToken"));
        return answer.ok ? camelTokens(answer) : answer;
      }
      const answer = await vendor.poll(text("deviceCode"), undefined);
      if (answer.ok) return camelTokens(answer);
      const { error } = (await answer.json()) as { error: string };
      const name = error.replace(/(?:^|_)([a-z])/g, (_whole, letter: string) => letter.toUpperCase());
      return Response.json({ __type: `com.amazonaws.ssooidc#${name}Exception` }, { status: 400 });
    }

    // Kiro's own sign-in with Google or GitHub.
    case "/social/login": {
      const back = new URL(url.searchParams.get("redirect_uri") ?? "");
      const code = vendor.newCode({
        clientId: "",
        redirectUri: back.href,
        challenge: url.searchParams.get("code_challenge"),
        nonce: null,
      });
      back.searchParams.set("code", code);
      back.searchParams.set("state", url.searchParams.get("state") ?? "");
      return redirect(back);
    }
    case "/social/token": {
      const code = vendor.codes.get(text("code"));
      if (!code || code.used || challengeOf(text("code_verifier")) !== code.challenge)
        return refusal(400, "invalid_grant");
      code.used = true;
      return Response.json({
        ...camel(vendor.newFamily()),
        profileArn: "arn:aws:codewhisperer:us-east-1:1:profile/K",
      });
    }
    case "/social/refresh": {
      const answer = await vendor.refresh(text("refreshToken"));
      return answer.ok ? camelTokens(answer) : answer;
    }

    // Cline: the code that comes back holds the tokens.
    case "/cline/authorize": {
      const back = new URL(url.searchParams.get("callback_url") ?? "");
      const held = { ...clineTokens(vendor), email: vendor.rules.account.email };
      back.searchParams.set("code", Buffer.from(JSON.stringify(held)).toString("base64"));
      return redirect(back);
    }
    case "/cline/refresh": {
      const answer = await vendor.refresh(text("refreshToken"));
      if (!answer.ok) return answer;
      const { access_token, refresh_token } = (await answer.json()) as { [name: string]: string };
      return Response.json({
        success: true,
        data: { accessToken: access_token, refreshToken: refresh_token, expiresAt: endOf(vendor) },
      });
    }

    // OpenRouter: the code is exchanged for a key that stays.
    case "/openrouter/auth": {
      const back = new URL(url.searchParams.get("callback_url") ?? "");
      const code = vendor.newCode({
        clientId: "",
        redirectUri: back.href,
        challenge: url.searchParams.get("code_challenge"),
        nonce: null,
      });
      back.searchParams.set("code", code);
      return redirect(back);
    }
    case "/openrouter/keys": {
      const code = vendor.codes.get(text("code"));
      if (!code || code.used || challengeOf(text("code_verifier")) !== code.challenge)
        return refusal(403, "invalid_code");
      code.used = true;
      return Response.json({ key: `sk-or-v1-${crypto.randomUUID()}`, user_id: "user_or_1" });
    }

    case "/iflow/userinfo":
      return Response.json({
        success: true,
        data: { apiKey: `iflow-${crypto.randomUUID()}`, ...vendor.rules.account },
      });

    // Google: the project behind an account.
    case "/v1internal:loadCodeAssist":
      return Response.json({ allowedTiers: [{ id: "standard-tier", isDefault: true }] });
    case "/v1internal:onboardUser":
      return Response.json({ done: true, response: { cloudaicompanionProject: { id: "project-4711" } } });

    default:
      return path.startsWith("/kilo/codes")
        ? kilo(vendor, path)
        : new Response("no such path", { status: 404 });
  }
}

/** Kilo: state by status code. The user code decides about the device of the same name. */
function kilo(vendor: Vendor, path: string): Response {
  const [, asked] = /^\/kilo\/codes\/(.+)$/.exec(path) ?? [];
  if (asked === undefined) {
    const { userCode } = vendor.newDevice(undefined);
    return Response.json({ code: userCode, verificationUrl: `${vendor.url}/verify`, expiresIn: 600 });
  }
  const device = [...vendor.devices.values()].find(({ userCode }) => userCode === asked);
  switch (device?.state) {
    case "waiting":
      return Response.json({ status: "pending" }, { status: 202 });
    case "denied":
      return new Response(null, { status: 403 });
    case "approved":
      return Response.json({
        status: "approved",
        token: vendor.newFamily().access_token,
        userEmail: vendor.rules.account.email,
      });
    default:
      return new Response(null, { status: 410 });
  }
}

async function camelTokens(answer: Response): Promise<Response> {
  return Response.json(camel((await answer.json()) as { [name: string]: unknown }));
}

function camel(tokens: { [name: string]: unknown }): object {
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: expiresIn } = tokens;
  return { accessToken, ...(refreshToken !== undefined && { refreshToken }), expiresIn, tokenType: "Bearer" };
}

function clineTokens(vendor: Vendor): object {
  const { access_token: accessToken, refresh_token: refreshToken } = vendor.newFamily();
  return { accessToken, refreshToken, expiresAt: endOf(vendor) };
}

const endOf = (vendor: Vendor): string =>
  new Date(Date.now() + vendor.rules.skewMs + (vendor.rules.expiresIn ?? 3600) * 1000).toISOString();
