import { type RoutingMemory, sessionIdOf } from "../routing/index.ts";

/** A conversation and the connection that holds its prompt cache. */
export type SessionView = {
  /** As in the header `x-omniroute-session-id`. */
  id: string;
  /** The client key's name. */
  key: string;
  provider: string;
  connectionId: string;
  /** `prefix/id` of the last answer. */
  model: string;
  requests: number;
  /** Milliseconds since 1970. */
  lastUsedAt: number;
};

/** Conversations of the last hour, the newest first. `keyName` names a client key by its id. */
export function listSessions(memory: RoutingMemory, keyName: (keyId: string) => string): SessionView[] {
  return memory.sessions().map(({ sessionKey, ...rest }) => ({
    id: sessionIdOf(sessionKey),
    key: keyName(sessionKey.slice(0, Math.max(0, sessionKey.indexOf("\u0000")))),
    ...rest,
  }));
}
