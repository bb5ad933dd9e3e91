import type { Server } from "bun";
import { odd, type OddState } from "./oauth-odd-vendors.ts";

/** A request as the vendor got it. */
export type OAuthCall = {
  method: string;
  path: string;
  /** Path and query, as they were asked for. */
  address: string;
  headers: { [name: string]: string };
  /** Fields of the form or JSON body, or of the query. */
  fields: { [name: string]: unknown };
  type: "form" | "json" | "none";
};

/** An answer in place of the vendor's own; a text as body is sent as it is. */
export type Fault =
  { status: number; body?: unknown; headers?: { [name: string]: string } } | "hang" | "reset";

export type IssuedTokens = { access_token: string; refresh_token?: string; expires_in?: number };

type Code = {
  clientId: string;
  redirectUri: string;
  challenge: string | null;
  nonce: string | null;
  used: boolean;
};
type Device = {
  userCode: string;
  state: "waiting" | "approved" | "denied" | "expired";
  lastPollAt: number;
  intervalMs: number;
  challenge: string | null;
};
type Family = { current: string; ended: boolean };

/** What a test may turn. */
export type OAuthRules = {
  /** Seconds an access token is good for; undefined: the vendor does not say. */
  expiresIn: number | undefined;
  rotates: boolean;
  /** Seconds between polls, and how long a code lives. */
  interval: number;
  deviceExpiresIn: number;
  /** How far the vendor's clock is ahead, in milliseconds. */
  skewMs: number;
  clientId: string;
  clientSecret: string | undefined;
  /** The person presses "deny" at the authorization page. */
  denies: boolean;
  account: { id: string; email: string };
};

/** A vendor of sign-ins on a real socket, with every way of the flows this program knows. */
export type OAuthServer = {
  url: string;
  rules: OAuthRules;
  calls: OAuthCall[];
  callsTo(path: string): OAuthCall[];
  /** How often a refresh token was taken; one that is sent twice ends its family and counts as a replay. */
  counts: { refreshes: number; replays: number };
  /** Answers the next calls to a path in another way, one fault each. */
  fail(path: string, ...faults: Fault[]): void;
  hooks: {
    /** Told when tokens were made and before they are sent. The answer waits for what it gives. */
    beforeAnswer?: (kind: "refresh" | "code" | "device") => Promise<void> | void;
  };
  /** Plays the browser: opens an authorization page, consents, and gives the address it is sent on to. */
  visit(authUrl: string): Promise<string>;
  approve(userCode: string): void;
  deny(userCode: string): void;
  expire(userCode: string): void;
  /** Makes tokens out of nothing, as an earlier sign-in did. */
  issue(): IssuedTokens;
  /** Is this the newest access token of a family that has not ended? */
  accepts(accessToken: string): boolean;
  /** Takes back an access token. */
  revoke(accessToken: string): void;
  /** The variables that lead a provider's flow here. */
  settings(...prefixes: string[]): { [variable: string]: string };
  stop(): Promise<void>;
};

/** Starts a vendor. Its clients are public unless `clientSecret` is set. */
export function startOAuthServer(changes: Partial<OAuthRules> = {}): OAuthServer {
  const rules: OAuthRules = {
    expiresIn: 3600,
    rotates: true,
    interval: 0.05,
    deviceExpiresIn: 600,
    skewMs: 0,
    clientId: "kit-client",
    clientSecret: undefined,
    denies: false,
    account: { id: "acc-0001", email: "person@example.org" },
    ...changes,
  };
  const vendor = new Vendor(rules);
  const server: Server<undefined> = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    development: false,
    idleTimeout: 0,
    fetch: (request) => vendor.answer(request),
    error: () => new Response(null, { status: 500 }),
  });
  vendor.url = `http://127.0.0.1:${server.port}`;
  return Object.assign(vendor.api(), {
    url: vendor.url,
    stop: async () => {
      vendor.never.abort();
      await server.stop(true);
    },
  });
}

/** The state of a vendor and its answers. */
export class Vendor {
  url = "";
  readonly never = new AbortController();
  readonly calls: OAuthCall[] = [];
  readonly codes = new Map<string, Code>();
  readonly devices = new Map<string, Device>();
  readonly clients = new Set<string>();
  readonly #families: Family[] = [];
  readonly #byRefresh = new Map<string, Family>();
  readonly #byAccess = new Map<string, Family>();
  readonly #revoked = new Set<string>();
  readonly #faults = new Map<string, Fault[]>();
  readonly odd: OddState = { registrations: new Map(), kilo: new Map() };
  readonly counts = { refreshes: 0, replays: 0 };
  readonly hooks: OAuthServer["hooks"] = {};
  #count = 0;

  constructor(readonly rules: OAuthRules) {}

  api(): Omit<OAuthServer, "url" | "stop"> {
    return {
      rules: this.rules,
      calls: this.calls,
      counts: this.counts,
      hooks: this.hooks,
      callsTo: (path) => this.calls.filter((call) => call.path === path),
      fail: (path, ...faults) => void this.#faults.set(path, [...(this.#faults.get(path) ?? []), ...faults]),
      visit: (authUrl) => this.visit(authUrl),
      approve: (userCode) => this.#decide(userCode, "approved"),
      deny: (userCode) => this.#decide(userCode, "denied"),
      expire: (userCode) => this.#decide(userCode, "expired"),
      issue: () => this.newFamily(),
      accepts: (token) => {
        const family = this.#byAccess.get(token);
        return family !== undefined && !family.ended && !this.#revoked.has(token);
      },
      revoke: (token) => void this.#revoked.add(token),
      settings: (...prefixes) => this.#settings(prefixes),
    };
  }

  /** Every request lands here: faults first, then the way it asks for. */
  async answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const call = await readCall(request, url);
    this.calls.push(call);
    const fault = this.#faults.get(url.pathname)?.shift();
    if (fault === "hang") await aborted(this.never.signal, request.signal);
    if (fault === "reset") throw new Error("reset on purpose");
    if (typeof fault === "object") {
      const { body = {}, status, headers = {} } = fault;
      return typeof body === "string"
        ? new Response(body, { status, headers })
        : Response.json(body, { status, headers });
    }
    const response = await (this.#standard(call, url) ?? odd(this, call, url));
    response.headers.set("date", new Date(Date.now() + this.rules.skewMs).toUTCString());
    return response;
  }

  /** The person's browser: follows the authorization page to where the vendor sends it. */
  async visit(authUrl: string): Promise<string> {
    const response = await fetch(authUrl, { redirect: "manual" });
    const location = response.headers.get("location");
    if (location === null) throw new Error(`The vendor sent the browser nowhere: ${await response.text()}`);
    return location;
  }

  #standard(call: OAuthCall, url: URL): Promise<Response> | undefined {
    switch (url.pathname) {
      case "/authorize":
        return Promise.resolve(this.#authorize(url.searchParams));
      case "/token":
        return this.token(call);
      case "/device":
        return Promise.resolve(this.#device(call));
      case "/verify":
        return Promise.resolve(this.#verify(call, url.searchParams.get("user_code") ?? ""));
      case "/userinfo":
        return Promise.resolve(Response.json(this.rules.account));
      default:
        return undefined;
    }
  }

  #authorize(query: URLSearchParams): Response {
    const redirectUri = query.get("redirect_uri") ?? query.get("redirect") ?? "";
    const wanted = query.get("client_id") ?? "";
    const isNew = wanted === "dynamic_agent_client";
    const clientId = isNew ? `issued-${this.#next()}` : wanted;
    if (isNew) this.clients.add(clientId);
    if (!isNew && clientId !== this.rules.clientId && !this.clients.has(clientId))
      return new Response("unknown client", { status: 400 });
    if (!URL.canParse(redirectUri)) return new Response("no redirect", { status: 400 });
    const back = new URL(redirectUri);
    if (query.get("state")) back.searchParams.set("state", query.get("state")!);
    if (this.rules.denies) {
      back.searchParams.set("error", "access_denied");
      return redirect(back);
    }
    const code = this.newCode({
      clientId,
      redirectUri,
      challenge: query.get("code_challenge"),
      nonce: query.get("nonce"),
    });
    back.searchParams.set("code", code);
    if (isNew) back.searchParams.set("client_id", clientId);
    return redirect(back);
  }

  /** The page on which a person types a device's code, and allows what waits behind it. */
  #verify({ method, fields }: OAuthCall, named: string): Response {
    const type = { "content-type": "text/html; charset=utf-8" };
    if (method === "POST") {
      this.#decide(String(fields["user_code"]), this.rules.denies ? "denied" : "approved");
      return new Response("<p>You may go back to your device.</p>", { headers: type });
    }
    const field = `<label>Code <input name="user_code" value="${named}"></label>`;
    return new Response(`<form method="post">${field}<button>Allow</button></form>`, { headers: type });
  }

  newCode(code: Omit<Code, "used">): string {
    const name = `code-${this.#next()}`;
    this.codes.set(name, { ...code, used: false });
    return name;
  }

  async token(call: OAuthCall): Promise<Response> {
    const fields = call.fields as { [name: string]: string | undefined };
    if (!this.#knows(call)) return refusal(401, "invalid_client");
    switch (fields["grant_type"]) {
      case "authorization_code":
        return this.#exchange(fields);
      case "refresh_token":
        return this.refresh(fields["refresh_token"] ?? "");
      case "urn:ietf:params:oauth:grant-type:device_code":
        return this.poll(fields["device_code"] ?? "", fields["code_verifier"]);
      default:
        return refusal(400, "unsupported_grant_type");
    }
  }

  async #exchange(fields: { [name: string]: string | undefined }): Promise<Response> {
    const code = this.codes.get(fields["code"] ?? "");
    if (!code || code.used) return refusal(400, "invalid_grant", "The code is not valid.");
    if (code.redirectUri !== fields["redirect_uri"]) return refusal(400, "redirect_uri_mismatch");
    if (code.challenge !== null && challengeOf(fields["code_verifier"] ?? "") !== code.challenge)
      return refusal(400, "invalid_grant", "The verifier does not fit.");
    code.used = true;
    const tokens = { ...this.newFamily(), ...this.#idToken(code.nonce) };
    await this.hooks.beforeAnswer?.("code");
    return Response.json(tokens);
  }

  /** Takes a refresh token once; a second time ends all that came of it. */
  async refresh(token: string): Promise<Response> {
    const renewed = this.renewed(token);
    if (!renewed) return refusal(400, "invalid_grant", "The refresh token is not valid.");
    await this.hooks.beforeAnswer?.("refresh");
    return Response.json(renewed);
  }

  renewed(token: string): IssuedTokens | undefined {
    const family = this.#byRefresh.get(token);
    if (!family || family.ended) return undefined;
    if (family.current !== token) {
      this.counts.replays++;
      family.ended = true;
      return undefined;
    }
    this.counts.refreshes++;
    return this.#issue(family);
  }

  async poll(name: string, verifier: string | undefined): Promise<Response> {
    const device = this.devices.get(name);
    if (!device || device.state === "expired") return refusal(400, "expired_token");
    if (device.state === "denied") return refusal(400, "access_denied");
    const isTooFast = Date.now() - device.lastPollAt < device.intervalMs * 0.9;
    device.lastPollAt = Date.now();
    if (isTooFast) {
      device.intervalMs += 5000;
      return refusal(400, "slow_down");
    }
    if (device.state === "waiting") return refusal(400, "authorization_pending");
    if (device.challenge !== null && challengeOf(verifier ?? "") !== device.challenge)
      return refusal(400, "invalid_grant");
    this.devices.delete(name);
    const tokens = { ...this.newFamily(), ...this.#idToken(null) };
    await this.hooks.beforeAnswer?.("device");
    return Response.json(tokens);
  }

  #device(call: OAuthCall): Response {
    if (!this.#knows(call)) return refusal(401, "invalid_client");
    const { deviceCode, userCode } = this.newDevice(call.fields["code_challenge"]);
    return Response.json({
      device_code: deviceCode,
      user_code: userCode,
      verification_uri: `${this.url}/verify`,
      verification_uri_complete: `${this.url}/verify?user_code=${userCode}`,
      expires_in: this.rules.deviceExpiresIn,
      interval: this.rules.interval,
    });
  }

  newDevice(challenge: unknown): { deviceCode: string; userCode: string } {
    const deviceCode = `device-${this.#next()}`;
    const userCode = `USER-${this.#next()}`;
    this.devices.set(deviceCode, {
      userCode,
      state: "waiting",
      lastPollAt: 0,
      intervalMs: this.rules.interval * 1000,
      challenge: typeof challenge === "string" ? challenge : null,
    });
    return { deviceCode, userCode };
  }

  #decide(userCode: string, state: Device["state"]): void {
    const device = [...this.devices.values()].find((candidate) => candidate.userCode === userCode);
    if (!device) throw new Error(`There is no device code ${userCode}.`);
    device.state = state;
  }

  newFamily(): IssuedTokens {
    const family = { current: "", ended: false };
    this.#families.push(family);
    return this.#issue(family);
  }

  #issue(family: Family): IssuedTokens {
    const access = `access-${this.#next()}`;
    const refresh = this.rules.rotates || family.current === "" ? `refresh-${this.#next()}` : family.current;
    const isNew = refresh !== family.current;
    family.current = refresh;
    this.#byRefresh.set(refresh, family);
    this.#byAccess.set(access, family);
    return {
      access_token: access,
      ...(isNew && { refresh_token: refresh }),
      ...(this.rules.expiresIn !== undefined && { expires_in: this.rules.expiresIn }),
    };
  }

  #idToken(nonce: string | null): object {
    const { id, email } = this.rules.account;
    const claims = {
      sub: id,
      email,
      ...(nonce !== null && { nonce }),
      "https://api.openai.com/auth": { chatgpt_account_id: id, chatgpt_plan_type: "plus" },
    };
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    return {
      token_type: "Bearer",
      id_token: `${part({ alg: "none" })}.${part(claims)}.signature`,
      account: { uuid: id, email_address: email },
    };
  }

  /** Did a client prove itself: by its id, and by its secret where it has one? */
  #knows({ fields, headers }: OAuthCall): boolean {
    const [id, secret] = basic(headers["authorization"]) ?? [fields["client_id"], fields["client_secret"]];
    if (typeof id === "string" && this.clients.has(id)) return true;
    return id === this.rules.clientId && (this.rules.clientSecret ?? undefined) === (secret ?? undefined);
  }

  #settings(prefixes: string[]): { [variable: string]: string } {
    const paths: { [name: string]: string } = {
      AUTHORIZE: "/authorize",
      TOKEN: "/token",
      DEVICE: "/device",
      USERINFO: "/userinfo",
      PROJECT: "/v1internal",
      ...ODD_PATHS,
    };
    const settings: { [variable: string]: string } = {};
    for (const prefix of prefixes) {
      for (const [name, path] of Object.entries({ ...paths, ...OWN_PATHS[prefix] }))
        settings[`${prefix}_OAUTH_${name}_URL`] = this.url + path;
      if (!DYNAMIC.has(prefix)) settings[`${prefix}_OAUTH_CLIENT_ID`] = this.rules.clientId;
      if (this.rules.clientSecret !== undefined)
        settings[`${prefix}_OAUTH_CLIENT_SECRET`] = this.rules.clientSecret;
    }
    return settings;
  }

  /** Random, so that a grep for one finds nothing else. */
  #next(): string {
    return `${++this.#count}-${crypto.randomUUID().replaceAll("-", "")}`;
  }
}

const ODD_PATHS = { REGISTER: "/client/register", EXCHANGE: "/exchange", POLL: "/poll", VERIFY: "/verify" };
/** Clients that are registered on the way. */
const DYNAMIC = new Set(["OPENAI"]);
const OWN_PATHS: { [prefix: string]: { [name: string]: string } } = {
  CODEX: { DEVICE: "/deviceauth/usercode", POLL: "/deviceauth/token" },
  GITHUB: { TOKEN: "/github/token", EXCHANGE: "/copilot/token", USERINFO: "/github/user" },
  IFLOW: { USERINFO: "/iflow/userinfo" },
  OPENROUTER: { AUTHORIZE: "/openrouter/auth", EXCHANGE: "/openrouter/keys" },
  KILOCODE: { DEVICE: "/kilo/codes" },
  CLINE: { AUTHORIZE: "/cline/authorize", TOKEN: "/cline/token", REFRESH: "/cline/refresh" },
  KIRO: {
    DEVICE: "/device_authorization",
    TOKEN: "/aws/token",
    AUTHORIZE: "/social/login",
    EXCHANGE: "/social/token",
    REFRESH: "/social/refresh",
  },
};

export function refusal(status: number, error: string, description?: string): Response {
  return Response.json(
    { error, ...(description !== undefined && { error_description: description }) },
    { status },
  );
}

export const redirect = (to: URL): Response =>
  new Response(null, { status: 302, headers: { location: to.href } });

export const challengeOf = (verifier: string): string =>
  new Bun.CryptoHasher("sha256").update(verifier).digest("base64url");

async function readCall(request: Request, url: URL): Promise<OAuthCall> {
  const text = await request.text();
  const isJson = /json/.test(request.headers.get("content-type") ?? "");
  const fields: { [name: string]: unknown } =
    text === ""
      ? Object.fromEntries(url.searchParams)
      : isJson
        ? (JSON.parse(text) as { [name: string]: unknown })
        : Object.fromEntries(new URLSearchParams(text));
  return {
    method: request.method,
    path: url.pathname,
    address: url.pathname + url.search,
    headers: Object.fromEntries(request.headers),
    fields,
    type: text === "" ? "none" : isJson ? "json" : "form",
  };
}

function basic(header: string | undefined): [string, string] | undefined {
  const [, encoded] = /^Basic (.+)$/i.exec(header ?? "") ?? [];
  if (encoded === undefined) return undefined;
  const [id = "", secret = ""] = Buffer.from(encoded, "base64").toString().split(":");
  return [decodeURIComponent(id), decodeURIComponent(secret)];
}

function aborted(...signals: AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of signals) signal.addEventListener("abort", () => resolve());
  });
}
