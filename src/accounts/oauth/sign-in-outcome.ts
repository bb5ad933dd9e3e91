import { GatewayError } from "../../core/errors.ts";
import { plain } from "./http.ts";
import type { Returned } from "./pasted.ts";
import type { SignInError } from "./sign-in-error.ts";

/** The connection that holds what a sign-in brought. */
export type KeptConnection = { id: string; provider: string; email: string | null; displayName: string };

/** How a sign-in stands. */
export type Outcome =
  | { type: "done"; connection: KeptConnection; warnings: string[] }
  | { type: "pending" }
  | { type: "failed"; error: string; description: string };

/** A sign-in that came to nothing; `description` is for people. */
export const failed = (error: string, description: string): Outcome => ({
  type: "failed",
  error,
  description,
});

export const NOTHING_PENDING = failed(
  "no_pending_sign_in",
  "No sign-in is waiting here (any more). Begin again.",
);
export const WRONG_STATE = failed(
  "wrong_state",
  "This answer belongs to another sign-in, or was used already. Begin again.",
);

/** A refusal in the address a browser came back to. */
export function deniedWords({ error, errorDescription }: Returned): string {
  if (errorDescription) return `The vendor says: ${plain(errorDescription)}`;
  return error === "access_denied"
    ? "The sign-in was refused at the vendor."
    : "The vendor sent no code back.";
}

/** What the person is told of a failed exchange. */
export function failureOf(error: SignInError, redirectUri: string): Outcome {
  const code = error.options.code ?? error.kind;
  if (code !== "redirect_uri_mismatch") return failed(code, error.message);
  return failed(
    code,
    `The vendor does not know the address it should send the browser back to. Enter exactly this one with your client there: ${redirectUri}`,
  );
}

/** A sign-in that could not begin, as an error of the call that wanted it. */
export function refusedToBegin(error: SignInError): GatewayError {
  const isTheirs = error.kind === "unavailable" || error.kind === "malformed";
  return new GatewayError(isTheirs ? "bad_gateway" : "bad_request", error.message);
}
