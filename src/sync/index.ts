/** Several installations kept alike: sealed bundles, merged by the later change, through a target nobody has to trust. */
export { Shelf } from "./shelf.ts";
export { Sync, syncEnableInput, type SyncState } from "./sync.ts";
