import { randomBytes } from "node:crypto";
import { z } from "zod";
import { badRequest, GatewayError } from "../core/errors.ts";
import { NOTICE_KINDS, type NoticeKind } from "../core/notice.ts";
import { type AddressPolicy, checkBaseUrl } from "../net/index.ts";
import { patchSettings, readSecretValue, saveSecretValue, type Store } from "../store/index.ts";
import { type Actor, audit } from "./actor.ts";
import type { ManageDeps } from "./deps.ts";
import { parseInput } from "../core/parse-input.ts";

/** `webhook` without what may be secret in it; null when none is set. */
export type NoticeSettings = { kinds: readonly NoticeKind[]; webhook: string | null; signed: boolean };

/** Which kinds are told, and where to. */
export const noticesPatch = z.object({
  kinds: z.array(z.enum(NOTICE_KINDS)).optional(),
  /** An address, or null or nothing to take it away. */
  webhook: z.string().max(2000).nullish(),
});

/** The address that notices are posted to. Such addresses are credentials to those who receive them. */
export function readWebhook(store: Store): string | undefined {
  return readSecretValue(store, "notices", "webhook");
}

/** What posted notices are signed with. */
export function readWebhookSecret(store: Store): string | undefined {
  return readSecretValue(store, "notices", "secret");
}

/** Makes the secret anew that notices are signed with; it is told this once. */
export function renewWebhookSecret(deps: ManageDeps, actor: Actor): { secret: string } {
  const secret = `whsec_${randomBytes(32).toString("base64")}`;
  saveSecretValue(deps.store, "notices", "secret", secret);
  audit(deps.store, actor, "settings.update", "notices", { secret: "made anew" });
  return { secret };
}

export function noticeSettings(deps: ManageDeps): NoticeSettings {
  const webhook = readWebhook(deps.store);
  return {
    kinds: deps.settings().noticeKinds,
    webhook: webhook === undefined ? null : `${new URL(webhook).origin}/…`,
    signed: readWebhookSecret(deps.store) !== undefined,
  };
}

/** Webhooks may have a query; what counts is where they lead. Throws `bad_request`. */
function checkWebhook(webhook: string, policy: AddressPolicy): void {
  try {
    checkBaseUrl(webhook.replace(/[?#].*$/s, ""), policy);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    throw badRequest(error.message.replace("base URL", "address"), "webhook");
  }
}

/** Changes what people are told of, and where. Throws `bad_request` for an address that may not be called. */
export function changeNotices(deps: ManageDeps, patch: unknown, actor: Actor): NoticeSettings {
  const { kinds, webhook } = parseInput(noticesPatch, patch);
  if (webhook) checkWebhook(webhook, deps.addressPolicy());
  if (kinds) patchSettings(deps.store, { noticeKinds: kinds });
  if (webhook !== undefined) saveSecretValue(deps.store, "notices", "webhook", webhook || undefined);
  audit(deps.store, actor, "settings.update", "notices", {
    ...(kinds && { kinds }),
    ...(webhook !== undefined && { webhook: webhook ? "set" : "removed" }),
  });
  return noticeSettings(deps);
}
