/** Programs that call models: found on this machine, pointed here, and put back. */
export { BackupShelf, type ClientBackup } from "./backup-shelf.ts";
export { ClientDesk, type ClientState, type ConfigStatus } from "./client-desk.ts";
export { binSettingOf, type ClientTool, type Place } from "./client-tool.ts";
export type { Machine } from "./installation.ts";
export { snippetOf } from "./settings-text.ts";
export { CLIENT_TOOLS, clientTool, findClientTool } from "./tools/index.ts";
