import { z } from "zod";

export const nodeInput = z.object({
  name: z.string().min(1).max(100),
  prefix: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,31}$/, "lower-case letters, digits, - and _, at most 32 characters"),
  type: z.enum(["openai-compatible", "anthropic-compatible"]),
  apiType: z.enum(["chat", "responses"]).default("chat"),
  baseUrl: z.string().min(1).max(2000),
  chatPath: z.string().max(500).nullish(),
  modelsPath: z.string().max(500).nullish(),
});
export type NodeInput = z.input<typeof nodeInput>;

/** A user's own endpoint that speaks one of the formats. */
export type ProviderNode = {
  /** `openai-compatible-chat-UUID`, `openai-compatible-responses-UUID`, `anthropic-compatible-UUID`. */
  id: string;
  name: string;
  prefix: string;
  type: "openai-compatible" | "anthropic-compatible";
  apiType: "chat" | "responses";
  baseUrl: string;
  chatPath?: string;
  modelsPath?: string;
  createdAt: number;
  updatedAt: number;
};
