import { z } from "zod";
import { badRequest } from "../core/errors.ts";
import { isNetwork, matchesNetwork, plainAddress } from "../lib/networks.ts";
import { readValue, saveValue, type Store } from "../store/index.ts";

const LONGEST_BAN_MS = 365 * 86_400_000;
const MOST_BANS = 1000;

const network = z
  .string()
  .trim()
  .max(100)
  .refine(isNetwork, "must be an address or a network: 203.0.113.7, 10.0.0.0/8, 2001:db8::/32");
const MOST_ENTRIES = 10_000;
const networks = z.array(network).max(MOST_ENTRIES);
const oneOrMore = z.union([networks, network.transform((entry) => [entry])]);

/** What a change of the filter may say. Lists replace; `add…` and `remove…` change one entry. */
export const ipFilterPatch = z
  .object({
    enabled: z.boolean(),
    mode: z.enum(["blacklist", "whitelist"]),
    blacklist: networks,
    whitelist: networks,
    addBlacklist: oneOrMore,
    removeBlacklist: oneOrMore,
    addWhitelist: oneOrMore,
    removeWhitelist: oneOrMore,
    tempBan: z.object({
      ip: network,
      durationMs: z.coerce.number().int().min(1000).max(LONGEST_BAN_MS),
      reason: z.string().max(200).default(""),
    }),
    removeBan: network,
  })
  .partial();

const ban = z.object({ ip: z.string(), until: z.number(), reason: z.string() });
const stateShape = z.object({
  enabled: z.boolean(),
  mode: z.enum(["blacklist", "whitelist"]),
  blacklist: z.array(z.string()),
  whitelist: z.array(z.string()),
  tempBans: z.array(ban),
});
/** The rules as they are kept. `until` in milliseconds since 1970. */
export type IpFilterState = z.infer<typeof stateShape>;

const NOTHING: IpFilterState = {
  enabled: false,
  mode: "blacklist",
  blacklist: [],
  whitelist: [],
  tempBans: [],
};

/** Which addresses may call, kept across restarts and asked in memory. Bans count also while the lists are off. */
export class IpFilter {
  #state: IpFilterState;

  constructor(readonly store: Store) {
    this.#state = this.#read();
    store.onChange((change) => {
      if (change === "values") this.#state = this.#read();
    });
  }

  /** Is there any rule to ask? */
  get isActive(): boolean {
    return this.#state.enabled || this.#state.tempBans.length > 0;
  }

  /** May this address not call? */
  isBlocked(address: string): boolean {
    return isBlockedBy(this.#state, address, this.store.clock.now());
  }

  /** The rules, without bans that are over. */
  state(): IpFilterState {
    const now = this.store.clock.now();
    return { ...this.#state, tempBans: this.#state.tempBans.filter(({ until }) => until > now) };
  }

  /** The rules that a checked patch would make; keeps nothing. Throws `bad_request` when there are too many bans. */
  changed(patch: z.infer<typeof ipFilterPatch>): IpFilterState {
    const now = this.state();
    const bans = now.tempBans.filter(({ ip }) => ip !== patch.removeBan && ip !== patch.tempBan?.ip);
    if (patch.tempBan) {
      const { ip, durationMs, reason } = patch.tempBan;
      bans.push({ ip, until: this.store.clock.now() + durationMs, reason });
    }
    if (bans.length > MOST_BANS) throw badRequest(`At most ${MOST_BANS} bans are kept.`, "tempBan");
    return {
      enabled: patch.enabled ?? now.enabled,
      mode: patch.mode ?? now.mode,
      blacklist: listed(patch.blacklist ?? now.blacklist, patch.addBlacklist, patch.removeBlacklist),
      whitelist: listed(patch.whitelist ?? now.whitelist, patch.addWhitelist, patch.removeWhitelist),
      tempBans: bans,
    };
  }

  /** Would these rules keep an address out? */
  wouldBlock(state: IpFilterState, address: string): boolean {
    return isBlockedBy(state, address, this.store.clock.now());
  }

  /** Keeps rules; they hold from the next call on. */
  save(state: IpFilterState): void {
    saveValue(this.store, "access", "ip-filter", state);
    this.#state = state;
  }

  /**
   * Takes over another program's lists where there are none here. They are switched off when they would keep out
   * `peer`, or when nobody knows who brings them in. `isTrial`: only tells what would come of it.
   */
  adopt(
    rules: Pick<IpFilterState, "enabled" | "mode" | "blacklist" | "whitelist">,
    peer: string | undefined,
    isTrial: boolean,
  ): "left out" | "off" | "as it was" {
    const now = this.state();
    if (now.blacklist.length + now.whitelist.length > 0) return "left out";
    const known = (list: readonly string[]) => list.filter(isNetwork).slice(0, MOST_ENTRIES);
    const wanted = {
      ...now,
      ...rules,
      blacklist: known(rules.blacklist),
      whitelist: known(rules.whitelist),
    };
    const mayStay = peer !== undefined && !this.wouldBlock(wanted, peer);
    const next = { ...wanted, enabled: wanted.enabled && mayStay };
    if (!isTrial) this.save(next);
    return next.enabled === rules.enabled ? "as it was" : "off";
  }

  #read(): IpFilterState {
    const kept = stateShape.safeParse(readValue(this.store, "access", "ip-filter"));
    return kept.success ? kept.data : NOTHING;
  }
}

function isBlockedBy(state: IpFilterState, peer: string, now: number): boolean {
  const address = plainAddress(peer);
  if (state.tempBans.some(({ ip, until }) => until > now && matchesNetwork(address, plainNetwork(ip))))
    return true;
  if (!state.enabled) return false;
  const list = state.mode === "whitelist" ? state.whitelist : state.blacklist;
  const isListed = list.some((entry) => matchesNetwork(address, plainNetwork(entry)));
  return state.mode === "whitelist" ? !isListed : isListed;
}

/** An IPv4 address written as IPv6 is the same address. */
function plainNetwork(entry: string): string {
  return entry.includes("/") ? entry : plainAddress(entry);
}

function listed(
  list: readonly string[],
  added: readonly string[] = [],
  removed: readonly string[] = [],
): string[] {
  return [...new Set([...list, ...added])].filter((entry) => !removed.includes(entry));
}
