import { z } from "zod";
import type { Status } from "../core/provider.ts";

/** How a provider or model stands, and who says so; nothing said means that it works. */
export const shownStatus = (status: Status | undefined) => ({
  status: status?.state ?? "works",
  statusNote: status?.note ?? null,
  since: status?.since ?? null,
  source: status?.source ?? null,
  replacement: status?.replacement ?? null,
});

export const statusShape = () => ({
  status: z.string(),
  statusNote: z.string().nullable(),
  since: z.string().nullable(),
  source: z.string().nullable(),
  replacement: z.string().nullable(),
});
