/**
 * Ids in the log take 16 bytes instead of 36 characters where they are UUIDs; any other id (of an environment
 * connection, of a client's own making) stays the text it is. SQLite keeps either in the same column.
 */

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const REQUEST_ID = /^req_[0-9a-f]{32}$/;

export function packId(id: string): string | Uint8Array {
  return UUID.test(id) ? Buffer.from(id.replaceAll("-", ""), "hex") : id;
}

export function unpackId(stored: string | Uint8Array): string {
  if (typeof stored === "string") return stored;
  return hex(stored).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export function packRequestId(id: string): string | Uint8Array {
  return REQUEST_ID.test(id) ? Buffer.from(id.slice(4), "hex") : id;
}

export function unpackRequestId(stored: string | Uint8Array): string {
  return typeof stored === "string" ? stored : `req_${hex(stored)}`;
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
