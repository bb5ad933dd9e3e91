/** What people are told of by themselves; each kind can be switched off. */
export const NOTICE_KINDS = ["quota", "sign-in", "breaker", "budget", "backup", "sync"] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

/** Something that happened and may need a person. Holds no secret. */
export type Notice = {
  id: string;
  /** Milliseconds since 1970. */
  at: number;
  kind: NoticeKind;
  /** `good`: trouble that was told of is over. */
  level: "good" | "warning" | "problem";
  /** One sentence in English. */
  message: string;
  /** What it is about, for those who say it in other words. */
  facts: { readonly [name: string]: string | number };
};

/** Trouble that lasts: opened by a notice, updated by further ones, and resolved when it is over. */
export type Alert = Pick<Notice, "id" | "kind" | "message" | "facts"> & {
  level: "warning" | "problem";
  /** What it is about; there is one open alert for each subject. */
  subject: string;
  state: "open" | "resolved";
  /** Milliseconds since 1970. */
  openedAt: number;
  updatedAt: number;
  resolvedAt?: number;
  /** When it is over by itself: a quota's reset, a budget's new period. */
  until?: number;
  /** How often it was told of. */
  times: number;
};
