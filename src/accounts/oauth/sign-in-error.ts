/**
 * Why a sign-in or a renewal came to nothing. The message is for people and holds no secret.
 *
 * `denied` the person or the vendor said no · `expired` the code or the attempt is too old · `refused` the vendor does
 * not take what was sent (for a refresh: final) · `unavailable` the vendor or the way to it is out of order, try again
 * · `malformed` the vendor answered with something else
 */
export class SignInError extends Error {
  constructor(
    readonly kind: "denied" | "expired" | "refused" | "unavailable" | "malformed",
    message: string,
    readonly options: {
      /** The vendor's own word: `invalid_grant`, `access_denied` … */
      code?: string;
      status?: number;
      /** When the vendor wants to be asked again, in milliseconds from now. */
      retryAfterMs?: number;
    } = {},
  ) {
    super(message);
    this.name = "SignInError";
  }
}
