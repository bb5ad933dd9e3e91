import type { Connection } from "../core/connection.ts";

/** Everything in a connection that must never be read by people. */
export function secretsOf(connection: Pick<Connection, "credentials">): string[] {
  return Object.values(connection.credentials).filter((value): value is string => typeof value === "string");
}
