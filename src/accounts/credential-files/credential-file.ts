import type { Credentials } from "../../core/connection.ts";
import type { JsonObject } from "../../lib/json.ts";
import type { Account } from "../oauth/flow.ts";

/** A file in which a vendor's own program keeps its sign-in. It is read, never written. */
export type CredentialFile = {
  /** Names it in the API. */
  id: string;
  /** The program, as people know it. */
  program: string;
  provider: string;
  /** Below the home directory. */
  path: string;
  /**
   * The sign-in in the file's JSON; undefined where there is none. `beside` gives the JSON of a file in the same
   * directory. Moments in milliseconds since 1970.
   */
  read(content: JsonObject, beside: (name: string) => JsonObject | undefined): FoundSignIn | undefined;
};

export type FoundSignIn = {
  account: Account;
  /** With `expiresAt` where the file tells it. */
  credentials: Credentials;
  /** A key rather than a sign-in. */
  isKey?: boolean;
  /** The provider it belongs to, where that is not the file's usual one. */
  provider?: string;
};
