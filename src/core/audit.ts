/** One change or sign-in, told for later questions. Never holds a secret. */
export type AuditEntry = {
  at: number;
  /** `login`, `key.create`, `connection.save` … */
  action: string;
  /** Who did it: `admin`, `cli`, a key's name. */
  actor: string;
  target?: string;
  ip?: string;
  result: "ok" | "failed";
  details?: { [field: string]: unknown };
};
