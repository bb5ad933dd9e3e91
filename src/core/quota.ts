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

/** A window of an account's quota as people see it. Times in milliseconds since 1970. */
export type QuotaView = {
  /** `5h`, `daily`, `weekly`, `monthly`, or what the provider calls it. */
  name: string;
  /** Of the whole account, or of single models only. */
  scope: "account" | "model";
  /** For `model`: an id, or a word that the ids of a family hold (`opus`). */
  model?: string;
  used?: number;
  limit?: number;
  unit?: "requests" | "tokens" | "credits" | "usd";
  /** Used share, 0 to 100; absent where nobody can tell. */
  percent?: number;
  resetsAt?: number;
  /** How long a whole window lasts, in milliseconds. */
  lengthMs?: number;
  unlimited?: boolean;
  /** Tokens that went over this gateway since the window began. */
  tokens?: number;
  /** Spent, it stops nothing by itself: it is for show, or others stand in for it. */
  advisory?: boolean;
  /** The provider's quota call, an answer's headers, or our own count. */
  source: "endpoint" | "header" | "counted";
  checkedAt: number;
  /** It was reset since, or could not be asked for when it should have been. */
  stale: boolean;
  /** When it will be spent at the pace of late; absent when it lasts, or too little is known. */
  runsOutAt?: number;
};
