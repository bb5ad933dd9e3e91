/** What a connection may still use within one of its provider's windows. */
export type QuotaWindow = {
  /** `5h`, `7d`, `requests-day`, as the provider calls it. */
  name: string;
  /** Share that is left, 0 to 1. */
  left: number;
  /** When it is full again, in milliseconds since 1970. */
  resetsAt?: number;
  /** How long a whole window lasts, in milliseconds. */
  lengthMs?: number;
};
