import type { PromptBreak } from "../core/prompt-break.ts";
import type {
  DiscoveredModel,
  OAuthSettings,
  SignInDesk,
  testNode,
  TestResult,
  TokenKeeper,
} from "../accounts/index.ts";
import type { Connection } from "../core/connection.ts";
import type { CustomModel } from "../core/custom-model.ts";
import type { Settings } from "../core/settings.ts";
import type { ProviderDefinition } from "../core/provider.ts";
import type { Clock } from "../lib/clock.ts";
import type { ListPrices } from "../metering/index.ts";
import type { AddressPolicy, Outbound } from "../net/index.ts";
import type { Catalogue, HealthBoard, LimitBoard } from "../routing/index.ts";
import type { Store } from "../store/index.ts";
import type { Actor } from "./actor.ts";
import type { FormerAddressRules } from "./former/address-rules.ts";
import type { CatalogueKeeper } from "./catalogue.ts";
import type { QuotaDesk } from "./quotas.ts";

/** What changes by people stand on; the engine gives it. */
export type ManageDeps = {
  /** What broke the provider's prompt cache at a call, as long as that is known. */
  promptBreakOf(requestId: string): PromptBreak | undefined;
  store: Store;
  clock: Clock;
  health: HealthBoard;
  limits: LimitBoard;
  settings(): Settings;
  /** Addresses that tried to sign in too often. Times in milliseconds since 1970. */
  locks(): { peer: string; until: number }[];
  /** Lets an address try again. True when it was locked. */
  unlock(peer: string): boolean;
  catalogue(): Catalogue;
  /** Newer facts on providers and models, and list prices of models that no table of ours knows. */
  catalogueData: CatalogueKeeper;
  listPrices: ListPrices;
  customModels(): readonly CustomModel[];
  outbound: Outbound;
  /** The models a connection's provider lists; `fresh`: asked now. Rejects as the provider's call does. */
  modelsOf(connection: Connection, fresh: boolean): Promise<DiscoveredModel[]>;
  /** Stored connections and those of the environment. */
  connections(): readonly Connection[];
  addressPolicy(): AddressPolicy;
  /** Where people sign in at vendors, under which settings, and what keeps their tokens good. */
  desk: SignInDesk<Actor>;
  oauthSettings: OAuthSettings;
  tokens: TokenKeeper;
  /** Mark of this installation in credentials that only it may renew. */
  installationId: string;
  /** Where other programs of this machine keep their sign-ins. */
  clientHome: string;
  /** What a client key is known by in the store. */
  hashKey(key: string): string;
  /**
   * Takes over which addresses may call, where nothing is said of that here; `off` when the rules would keep out
   * `peer`, or nobody knows from where they are brought in. `isTrial`: changes nothing.
   */
  adoptAddressRules(
    rules: FormerAddressRules,
    peer: string | undefined,
    isTrial: boolean,
  ): "left out" | "off" | "as it was";
  /** A whole configuration came: what the configuration file declares is put in force over it. */
  reapply(): void;
  /** `STORAGE_ENCRYPTION_KEY`, with which an earlier OmniRoute may have sealed what is brought in. */
  storageKey?: string | undefined;
  quotas: QuotaDesk;
  /** Something was written beside a connection: those who hold it in memory must read it again. */
  noted(): void;
  test(provider: ProviderDefinition, connection: Connection, signal: AbortSignal): Promise<TestResult>;
  testNode(input: Omit<Parameters<typeof testNode>[0], "outbound" | "clock">): Promise<TestResult>;
};
