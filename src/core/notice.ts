/** What people are told of by themselves; each kind can be switched off. */
export const NOTICE_KINDS = ["quota", "sign-in", "breaker", "budget", "backup"] as const;
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
