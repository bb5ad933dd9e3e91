import { numberIn, objectIn, objectsIn, textIn } from "../fields.ts";
import { percentOf, type ReadWindow } from "../reading.ts";
import { type QuotaSource, quotaUrl } from "../source.ts";

/** OpenRouter: `{data:{limit, limit_remaining, usage, is_free_tier}}` of the key, in USD; `limit` null: none is set. */
export const openrouter: QuotaSource = {
  provider: "openrouter",
  url: "https://openrouter.ai/api/v1/key",
  call: (url, connection) => ({ method: "GET", url: quotaUrl({ url }, connection) }),
  read(body) {
    const data = objectIn(body, "data");
    const usage = data && numberIn(data, "usage");
    if (!data || usage === undefined) return undefined;
    const limit = numberIn(data, "limit");
    const left = numberIn(data, "limit_remaining");
    const facts = { name: "credits", scope: "account", unit: "usd" } as const;
    const window: ReadWindow =
      limit === undefined
        ? { ...facts, used: usage, unlimited: true, percent: 0 }
        : {
            ...facts,
            used: limit - (left ?? limit - usage),
            limit,
            percent: percentOf(limit - (left ?? limit - usage), limit),
          };
    return { windows: [window], ...(data.is_free_tier === true && { plan: "free" }) };
  },
};

/** DeepSeek: `{is_available, balance_infos:[{currency, total_balance}]}`. https://api-docs.deepseek.com/api/get-user-balance */
export const deepseek: QuotaSource = {
  provider: "deepseek",
  url: "https://api.deepseek.com/user/balance",
  call: (url, connection) => ({ method: "GET", url: quotaUrl({ url }, connection) }),
  read(body) {
    const balances = objectsIn(body, "balance_infos").flatMap((entry) => {
      const left = numberIn(entry, "total_balance");
      return left === undefined ? [] : [`${left.toFixed(2)} ${textIn(entry, "currency") ?? ""}`.trim()];
    });
    if (balances.length === 0) return undefined;
    return { windows: spentWhen(body.is_available === false), message: `Balance: ${balances.join(", ")}` };
  },
};

/** Moonshot: `{code, data:{available_balance, voucher_balance, cash_balance}}`, in USD or CNY by host. */
export const kimi: QuotaSource = {
  provider: "kimi",
  url: "https://api.moonshot.ai/v1/users/me/balance",
  call: (url, connection) => ({ method: "GET", url: quotaUrl({ url }, connection) }),
  read(body, _now, { baseUrl }) {
    const data = objectIn(body, "data");
    const left = data && numberIn(data, "available_balance");
    if (left === undefined) return undefined;
    const currency = baseUrl?.includes("moonshot.cn") ? "CNY" : "USD";
    return { windows: spentWhen(left <= 0), message: `Balance: ${left.toFixed(2)} ${currency}` };
  },
};

/** A balance has no limit to be a share of: it is there, or it is gone. */
function spentWhen(isGone: boolean): ReadWindow[] {
  return isGone ? [{ name: "balance", scope: "account", percent: 100 }] : [];
}
