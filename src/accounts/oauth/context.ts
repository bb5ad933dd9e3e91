import type { Clock } from "../../lib/clock.ts";
import type { Outbound } from "../../net/index.ts";
import { type Choices, type EndpointName, type SignInFlow } from "./flow.ts";
import { SignInError } from "./sign-in-error.ts";

export type OAuthSettings = Readonly<{ [variable: string]: string }>;

export type FlowDeps = {
  /** The settings of the environment, by variable. */
  settings: OAuthSettings;
  outbound: Outbound;
  clock: Clock;
  version: string;
  /** A UUID that stays the same for this installation; says nothing about the machine. */
  installationId: string;
  /** A client id that a vendor issued to this installation, and keeping one. */
  issuedClient: {
    find(provider: string): string | undefined;
    save(provider: string, clientId: string): void;
  };
};

/** What a step of one provider's sign-in works with. */
export class FlowContext {
  readonly clock: Clock;
  readonly version: string;
  readonly installationId: string;
  readonly outbound: Outbound;
  readonly issuedClient: FlowDeps["issuedClient"];

  constructor(
    readonly flow: SignInFlow,
    readonly deps: FlowDeps,
    readonly signal: AbortSignal,
    readonly choices: Choices = {},
    /** The connection it is for, where there is one: calls take the proxy of its requests. */
    readonly connectionId?: string,
  ) {
    this.clock = deps.clock;
    this.version = deps.version;
    this.installationId = deps.installationId;
    this.outbound = deps.outbound;
    this.issuedClient = deps.issuedClient;
  }

  /** The address of a step: the environment's, else the built-in one, with `{…}` filled in from the choices. */
  endpoint(name: EndpointName): string {
    const own = this.setting(`${name.toUpperCase()}_URL`);
    const address = own ?? this.flow.endpoints[name];
    if (address === undefined)
      throw new Error(`The sign-in of ${this.flow.provider} has no ${name} address.`);
    return own ?? address.replace(/\{(\w+)\}/g, (_whole, choice: string) => this.choices[choice] ?? "");
  }

  /** Was an address typed in by the operator? Such addresses are checked when they are dialled. */
  isOwnAddress(url: string): boolean {
    const { origin } = new URL(url);
    return Object.entries(this.deps.settings).some(
      ([name, value]) =>
        name.endsWith("_URL") &&
        this.flow.prefixes.some((prefix) => name.startsWith(`${prefix}_OAUTH_`)) &&
        URL.parse(value)?.origin === origin,
    );
  }

  /** A setting of the environment under the first prefix that has it: `CLIENT_ID`, `TOKEN_URL` … */
  setting(field: string): string | undefined {
    return findSetting(this.flow, this.deps.settings, field);
  }

  get scope(): string {
    return this.setting("SCOPES") ?? this.flow.scopes.join(" ");
  }

  get clientId(): string | undefined {
    return this.setting("CLIENT_ID") ?? this.flow.client.id;
  }

  /** The client id. Throws `SignInError` where there is none, which `missingClient` tells beforehand. */
  requiredClientId(): string {
    const id = this.clientId;
    if (id === undefined) throw new SignInError("refused", `${variable(this.flow, "CLIENT_ID")} is not set.`);
    return id;
  }

  get clientSecret(): string | undefined {
    return this.setting("CLIENT_SECRET");
  }
}

/** What must be set before this sign-in can begin, and how to come by it; undefined when all is there. */
export function missingClient(
  flow: SignInFlow,
  settings: OAuthSettings,
): { variables: string[]; recipe: string } | undefined {
  const { own, id } = flow.client;
  if (!own) return undefined;
  const missing = [
    ...(id === undefined && findSetting(flow, settings, "CLIENT_ID") === undefined ? ["CLIENT_ID"] : []),
    ...(own.needs === "both" && findSetting(flow, settings, "CLIENT_SECRET") === undefined
      ? ["CLIENT_SECRET"]
      : []),
  ];
  if (missing.length === 0) return undefined;
  return { variables: missing.map((field) => variable(flow, field)), recipe: own.recipe };
}

function findSetting(flow: SignInFlow, settings: OAuthSettings, field: string): string | undefined {
  const prefix = flow.prefixes.find((candidate) => settings[`${candidate}_OAUTH_${field}`] !== undefined);
  return prefix === undefined ? undefined : settings[`${prefix}_OAUTH_${field}`];
}

const variable = (flow: SignInFlow, field: string): string => `${flow.prefixes[0]}_OAUTH_${field}`;
