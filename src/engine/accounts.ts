import { type FlowDeps, type OAuthSettings, SignInDesk, TokenKeeper } from "../accounts/index.ts";
import type { Config } from "../core/config.ts";
import type { Connection } from "../core/connection.ts";
import type { Clock } from "../lib/clock.ts";
import { sha256 } from "../lib/ids.ts";
import type { Log } from "../lib/log.ts";
import type { Manage, SignInWish } from "../manage/index.ts";
import type { Outbound } from "../net/index.ts";
import type { HealthBoard } from "../routing/index.ts";
import { readValue, saveValue, type Store } from "../store/index.ts";

export type AccountsDeps = {
  config: Pick<Config, "baseUrl" | "version" | "oauth">;
  store: Store;
  clock: Clock;
  log: Log;
  random: () => number;
  outbound: Outbound;
  health: HealthBoard;
  connections(): readonly Connection[];
  manage(): Manage;
  onSignInNeeded(connection: Connection, why: string): void;
};

/** Signed-in accounts: where people sign in, and what keeps their tokens good. */
export class Accounts {
  readonly settings: OAuthSettings;
  readonly installationId: string;
  readonly desk: SignInDesk<SignInWish["asker"]>;
  readonly tokens: TokenKeeper;

  constructor(deps: AccountsDeps) {
    const { config, store } = deps;
    this.settings = config.oauth;
    this.installationId = installationOf(store);
    const flowDeps: FlowDeps = {
      settings: config.oauth,
      outbound: deps.outbound,
      clock: deps.clock,
      version: config.version,
      installationId: this.installationId,
      issuedClient: {
        find: (provider) => textOf(readValue(store, ISSUED_CLIENTS, provider)),
        save: (provider, clientId) => saveValue(store, ISSUED_CLIENTS, provider, clientId),
      },
    };
    this.desk = new SignInDesk({
      ...flowDeps,
      baseUrl: config.baseUrl,
      keep: (gained, wish) => deps.manage().signIn.keep(gained, wish),
    });
    this.tokens = new TokenKeeper({
      ...flowDeps,
      store,
      log: deps.log,
      random: deps.random,
      connections: () => deps.connections(),
      onRenewed: (id) => void deps.health.credentialRenewed(id),
      onSignInNeeded: (connection, why) => deps.onSignInNeeded(connection, why),
    });
  }

  start(): void {
    this.tokens.start();
  }

  async close(): Promise<void> {
    this.desk.close();
    await this.tokens.close();
  }
}

/** Not secret: vendors show it in the addresses of their pages. */
const ISSUED_CLIENTS = "oauth-clients";

/**
 * A UUID for this installation. It comes from a secret that no backup or export of the database holds, so that a
 * database moved elsewhere shows that it was.
 */
function installationOf(store: Store): string {
  const hex = sha256(`installation\u0000${store.secrets.jwt}`);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}

const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
