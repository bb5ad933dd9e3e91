import { z } from "zod";
import { comboConfig, comboInput } from "../../core/combo.ts";
import { connectionInput } from "../../core/connection.ts";
import { keyInput } from "../../core/key.ts";
import { keyGroupInput } from "../../core/key-group.ts";
import { nodeInput } from "../../core/node.ts";
import { settingsPatch } from "../../core/settings.ts";

/** What a configuration file may say. Names that mean nothing are faults: a typing error must not go unseen. */
export const declarationShape = z.strictObject({
  connections: z.array(z.strictObject(connectionInput.shape)).max(1000).default([]),
  nodes: z.array(z.strictObject(nodeInput.shape)).max(200).default([]),
  combos: z
    .array(z.strictObject({ ...comboInput.shape, config: z.strictObject(comboConfig.shape).default({}) }))
    .max(1000)
    .default([]),
  keyGroups: z.array(z.strictObject(keyGroupInput.shape)).max(1000).default([]),
  keys: z
    .array(
      z.strictObject({
        ...keyInput.omit({ groupId: true }).shape,
        /** The group's name. */
        group: z.string().trim().min(1).max(100).optional(),
        /** The key's text, by a reference to the environment. */
        key: z.string().min(20, "must have at least 20 characters").max(512),
      }),
    )
    .max(1000)
    .default([]),
  aliases: z.record(z.string().min(1).max(256), z.string().min(1).max(256)).default({}),
  settings: z.strictObject(settingsPatch.omit({ requireLogin: true }).shape).default({}),
});
export type Declaration = z.output<typeof declarationShape>;

/** Fields that hold secrets: their values stand in the environment, never in the file. */
export const SECRET_FIELDS = [
  ["connections", "apiKey"],
  ["keys", "key"],
] as const;
