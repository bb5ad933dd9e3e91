import type { FormerSeal } from "../../store/index.ts";

/** What the parts of a take-over share. */
export type FormerContext = {
  /** Milliseconds since 1970. */
  now: number;
  seal: FormerSeal;
  /** Our id of a provider by any of its names, or of a node of the file; undefined for one we do not know. */
  providerId(name: string): string | undefined;
  hashKey(key: string): string;
  /** Marks sign-ins that this installation renews from now on. */
  installationId: string;
  /** Tells people what comes otherwise than it was. Repeated lines are told once. */
  warn(line: string): void;
};
