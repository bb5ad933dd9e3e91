import { isMessageKey } from "../i18n/index.ts";
import type { Visit } from "../visit.ts";

type Strategy = { readonly id: string; readonly label: string };

/** What a combo's strategy is called: the language's own word, else the label the strategy itself carries. */
export function strategyLabel({ say }: Visit, { id, label }: Strategy): string {
  const key = `strategy.${id}`;
  return isMessageKey(key) ? say(key) : label;
}

/** What it does, in a sentence; undefined where the language has none. */
export function strategyHint({ say }: Visit, { id }: Strategy): string | undefined {
  const key = `strategy.${id}.hint`;
  return isMessageKey(key) ? say(key) : undefined;
}

/** What the order of a provider's accounts is called. */
export function accountOrderLabel({ say }: Visit, { id, label }: Strategy): string {
  const key = `account-order.${id}`;
  return isMessageKey(key) ? say(key) : label;
}
