import type { Status } from "../core/provider.ts";

/** How a provider or model stands, and who says so; nothing said means that it works. */
export const shownStatus = (status: Status | undefined) => ({
  status: status?.state ?? "works",
  statusNote: status?.note ?? null,
  since: status?.since ?? null,
  source: status?.source ?? null,
  replacement: status?.replacement ?? null,
});
