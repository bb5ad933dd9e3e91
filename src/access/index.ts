/** Who may come in: the administrator, clients with keys, the owner's commands. */
export { Access, createAccess, type AccessOptions } from "./access.ts";
export type { Login } from "./administrator.ts";
export { ipFilterPatch, type IpFilterState } from "./ip-filter.ts";
export type { BudgetWarning } from "./key-gate.ts";
export { type ChangedBy, groupPaused, keyGroupPatch } from "./key-groups.ts";
export type { KeyRefusal, NewKey } from "./key-ring.ts";
export { passwordFault } from "./password.ts";
export type { SessionInfo } from "./session-book.ts";
export type { KeySpending } from "./spending.ts";
export type { Lock } from "./throttle.ts";
