import type { Usage } from "../../../core/reply.ts";
import type { EmbeddingReply } from "../../../core/services.ts";

/** Embeds in calls of at most `most` inputs, one after the other, and puts the answers together. */
export async function inBatches<Input>(
  inputs: readonly Input[],
  most: number,
  embed: (batch: readonly Input[]) => Promise<EmbeddingReply>,
): Promise<EmbeddingReply> {
  const replies: EmbeddingReply[] = [];
  for (let at = 0; at < inputs.length; at += most) replies.push(await embed(inputs.slice(at, at + most)));
  const usages = replies.map(({ usage }) => usage).filter((usage): usage is Usage => usage !== undefined);
  return {
    vectors: replies.flatMap(({ vectors }) => vectors),
    ...(usages.length === replies.length && {
      usage: { input: usages.reduce((sum, usage) => sum + usage.input, 0), output: 0 },
    }),
  };
}
