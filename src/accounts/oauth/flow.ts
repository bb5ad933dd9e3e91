import type { OAUTH_ENDPOINTS } from "../../core/environment-names.ts";
import type { Credentials } from "../../core/connection.ts";
import type { FlowContext } from "./context.ts";

/** A step that leads to an address of the vendor, in the words of the environment: `TOKEN` → `…_OAUTH_TOKEN_URL`. */
export type EndpointName = Lowercase<(typeof OAUTH_ENDPOINTS)[number]>;

/** A provider's sign-in: facts, and the steps where a vendor leaves the standards. */
export type SignInFlow = {
  /** Provider id. */
  provider: string;
  /** How its settings in the environment begin; the first that is set wins. */
  prefixes: readonly [string, ...string[]];
  /** Built-in addresses. `{region}` is filled in from what the person chose. */
  endpoints: Readonly<Partial<Record<EndpointName, string>>>;
  client: ClientFacts;
  scopes: readonly string[];
  /**
   * Is a refresh token good for one use? Then it is never sent twice, also not after a crash, and belongs to one
   * installation.
   */
  rotates: boolean;
  browser?: BrowserWay;
  device?: DeviceWay;
  /** Gets a new access token. Throws `SignInError`. Absent where there is nothing to renew. */
  refresh?(context: FlowContext, credentials: Credentials): Promise<Tokens>;
  /** Who has signed in, and what else belongs with the credential. Throws `SignInError`. */
  settle?(context: FlowContext, tokens: Tokens): Promise<Settled> | Settled;
};

export type ClientFacts = {
  /** The vendor's published client id. Never a secret. */
  id?: string;
  /** Where a client id (and, with `both`, a secret) of the operator's own is needed: how to get one. */
  own?: { needs: "id" | "both"; recipe: string };
};

/** Signing in at a page of the vendor that leads back with a code. */
export type BrowserWay = {
  redirects: Redirects;
  /** The address to open. */
  authorizeUrl(context: FlowContext, attempt: Attempt): string;
  /** Turns what came back into tokens. Throws `SignInError`. */
  exchange(context: FlowContext, attempt: Attempt, answer: BrowserAnswer): Promise<Tokens>;
  /** The vendor passes no `state` on, so that it travels inside the redirect address. */
  stateInRedirect?: boolean;
};

/** Where the vendor may send the browser back to. */
export type Redirects = {
  /** This gateway's `/callback`: whatever its address, or only while that is on this machine. */
  own?: "any" | "loopback";
  /** A fixed address of this machine that vendor and client agreed on; listened to only while somebody waits. */
  listener?: { host: "localhost" | "127.0.0.1"; port: number; path: string };
  /** An address that leads nowhere we can listen: a page that shows the code, or a scheme of the vendor's program. */
  elsewhere?: string;
};

/** What one try to sign in is bound to. Stays on the server. */
export type Attempt = {
  state: string;
  verifier: string;
  /** Base64url of the verifier's SHA-256. */
  challenge: string;
  nonce: string;
  redirectUri: string;
  /** What the person chose beforehand, such as an identity provider or a region. */
  choices: Choices;
};

export type Choices = { readonly [name: string]: string | undefined };

/** What the browser came back with. */
export type BrowserAnswer = { code: string; parameters: URLSearchParams };

/** Signing in on any device by typing a code there. */
export type DeviceWay = {
  begin(context: FlowContext, attempt: Attempt): Promise<DeviceStart>;
  /** Asks once whether it is done. Throws `SignInError` when it never will be. */
  poll(context: FlowContext, attempt: Attempt, device: DeviceStart): Promise<Tokens | Waiting>;
};

export type DeviceStart = {
  /** The vendor's own handle, and what else polling needs. Stays on the server. */
  secrets: { readonly [name: string]: string };
  userCode: string;
  verificationUri: string;
  /** The same with the code filled in. */
  verificationUriComplete?: string;
  expiresInMs: number;
  intervalMs: number;
};

/** Not yet. `slower`: the vendor wants longer pauses. */
export type Waiting = { waiting: true; slower?: true };

/** What a token endpoint gave, in one shape. */
export type Tokens = {
  accessToken: string;
  refreshToken?: string;
  /** How long the access token is good from now, in milliseconds. */
  lifetimeMs?: number;
  /** Further fields for the credentials. */
  more?: Credentials;
  /** Facts for `settle`: the claims of an id token, or the answer's own fields. */
  claims?: { readonly [name: string]: unknown };
};

export type Account = {
  /** The vendor's id of the account: the same account signed in again renews its connection. */
  id?: string;
  email?: string;
  /** What to call the connection where there is no mail address. */
  name?: string;
};

export type Settled = {
  account: Account;
  /** Further fields for the credentials. */
  more?: Credentials;
  /** The sign-in ended in a key that stays good until it is taken back. */
  apiKey?: string;
  /** What the person should know. */
  warnings?: string[];
};
