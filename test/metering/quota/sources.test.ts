import { describe, expect, test } from "bun:test";
import type { Connection, Credentials } from "../../../src/core/connection.ts";
import { findQuotaSource, QUOTA_SOURCES, type QuotaReading } from "../../../src/metering/quota/index.ts";
import { PROVIDERS } from "../../../src/providers/index.ts";
import { connection } from "../../store/samples.ts";

const NOW = Date.UTC(2026, 10, 21, 9, 30);
const HOUR = 3_600_000;
const at = (iso: string): number => Date.parse(iso);

const account = (provider: string, changes: Partial<Connection> = {}): Connection =>
  connection({ provider, credentials: { apiKey: "sk-canary" }, ...changes });

type Row = {
  provider: string;
  name: string;
  body: object;
  expected: QuotaReading | undefined;
  changes?: Partial<Connection>;
};

/** Answers as the providers give them, and what they say. */
const ROWS: readonly Row[] = [
  {
    provider: "claude",
    name: "a plan with a family's own week",
    body: {
      five_hour: { utilization: 42.5, resets_at: "2026-11-21T12:00:00Z" },
      seven_day: { utilization: 80, resets_at: "2026-11-25T00:00:00Z" },
      seven_day_opus: { utilization: 100, resets_at: "2026-11-25T00:00:00Z" },
      seven_day_oauth_apps: null,
      extra_usage: { is_enabled: false },
    },
    expected: {
      windows: [
        {
          name: "5h",
          lengthMs: 5 * HOUR,
          scope: "account",
          percent: 42.5,
          resetsAt: at("2026-11-21T12:00:00Z"),
        },
        {
          name: "weekly",
          lengthMs: 168 * HOUR,
          scope: "account",
          percent: 80,
          resetsAt: at("2026-11-25T00:00:00Z"),
        },
        {
          name: "weekly",
          lengthMs: 168 * HOUR,
          scope: "model",
          model: "opus",
          percent: 100,
          resetsAt: at("2026-11-25T00:00:00Z"),
        },
      ],
    },
  },
  {
    provider: "claude",
    name: "an account that was not used yet",
    body: { five_hour: { utilization: 0, resets_at: null }, seven_day: { utilization: 0, resets_at: null } },
    expected: {
      windows: [
        { name: "5h", lengthMs: 5 * HOUR, scope: "account", percent: 0 },
        { name: "weekly", lengthMs: 168 * HOUR, scope: "account", percent: 0 },
      ],
    },
  },
  { provider: "claude", name: "something else", body: { type: "error" }, expected: undefined },
  {
    provider: "codex",
    name: "a plan with both windows and a limit of one model",
    body: {
      plan_type: "plus",
      rate_limit: {
        limit_reached: false,
        primary_window: {
          used_percent: 30,
          limit_window_seconds: 18_000,
          reset_at: 1_795_260_000,
          reset_after_seconds: 9,
        },
        secondary_window: { used_percent: 101, limit_window_seconds: 604_800, reset_after_seconds: 3600 },
      },
      code_review_rate_limit: {
        primary_window: { used_percent: 5, limit_window_seconds: 604_800, reset_at: 1_795_260_000 },
      },
      additional_rate_limits: [
        {
          limit_name: "gpt-6-astra",
          rate_limit: {
            primary_window: { used_percent: 12, limit_window_seconds: 86_400, reset_at: 1_795_260_000 },
          },
        },
      ],
      credits: { has_credits: false, unlimited: false, balance: "0" },
    },
    expected: {
      plan: "plus",
      windows: [
        { name: "5h", scope: "account", percent: 30, lengthMs: 5 * HOUR, resetsAt: 1_795_260_000_000 },
        { name: "weekly", scope: "account", percent: 100, lengthMs: 168 * HOUR, resetsAt: NOW + HOUR },
        {
          name: "weekly",
          scope: "model",
          model: "code-review",
          advisory: true,
          percent: 5,
          lengthMs: 168 * HOUR,
          resetsAt: 1_795_260_000_000,
        },
        {
          name: "daily",
          scope: "model",
          model: "gpt-6-astra",
          percent: 12,
          lengthMs: 24 * HOUR,
          resetsAt: 1_795_260_000_000,
        },
      ],
    },
  },
  {
    provider: "codex",
    name: "a plan without limits",
    body: { plan_type: "enterprise", rate_limit: null },
    expected: { plan: "enterprise", windows: [] },
  },
  {
    provider: "github",
    name: "a paid plan",
    body: {
      copilot_plan: "individual",
      quota_reset_date: "2026-12-01",
      quota_snapshots: {
        chat: { entitlement: 0, remaining: 0, unlimited: true },
        completions: { entitlement: 0, remaining: 0, unlimited: true },
        premium_interactions: { entitlement: 300, remaining: 60, unlimited: false },
      },
    },
    changes: { credentials: { refreshToken: "gho_canary" } },
    expected: {
      plan: "individual",
      windows: [
        {
          name: "monthly premium",
          scope: "account",
          unit: "requests",
          advisory: true,
          used: 240,
          limit: 300,
          percent: 80,
          resetsAt: at("2026-12-01T00:00:00Z"),
        },
        {
          name: "monthly chat",
          scope: "account",
          unit: "requests",
          advisory: false,
          unlimited: true,
          percent: 0,
          resetsAt: at("2026-12-01T00:00:00Z"),
        },
      ],
    },
  },
  {
    provider: "github",
    name: "a free plan",
    body: {
      access_type_sku: "free_limited_copilot",
      monthly_quotas: { chat: 500, completions: 4000 },
      limited_user_quotas: { chat: 0, completions: 3900 },
      limited_user_reset_date: "2026-12-01",
    },
    changes: { credentials: { refreshToken: "gho_canary" } },
    expected: {
      plan: "free_limited_copilot",
      windows: [
        {
          name: "monthly chat",
          scope: "account",
          unit: "requests",
          used: 500,
          limit: 500,
          percent: 100,
          resetsAt: at("2026-12-01T00:00:00Z"),
        },
      ],
    },
  },
  {
    provider: "gemini-cli",
    name: "a day per model",
    body: {
      buckets: [
        {
          modelId: "gemini-2.5-pro",
          tokenType: "REQUESTS",
          remainingAmount: "750",
          remainingFraction: 0.75,
          resetTime: "2026-11-22T08:00:00Z",
        },
        { modelId: "gemini-2.5-flash", tokenType: "REQUESTS", remainingFraction: 0 },
        { tokenType: "REQUESTS" },
      ],
    },
    expected: {
      windows: [
        {
          name: "daily",
          scope: "model",
          model: "gemini-2.5-pro",
          unit: "requests",
          lengthMs: 24 * HOUR,
          percent: 25,
          limit: 1000,
          used: 250,
          resetsAt: at("2026-11-22T08:00:00Z"),
        },
        {
          name: "daily",
          scope: "model",
          model: "gemini-2.5-flash",
          unit: "requests",
          lengthMs: 24 * HOUR,
          percent: 100,
        },
      ],
    },
  },
  {
    provider: "antigravity",
    name: "a window per model, internal ones left out",
    body: {
      models: {
        "claude-sonnet-4-5": {
          displayName: "Claude",
          quotaInfo: { remainingFraction: 0.4, resetTime: "2026-11-21T14:00:00Z" },
        },
        "gemini-3-flash": { quotaInfo: { resetTime: "2026-11-21T14:00:00Z" } },
        tab_flash: { isInternal: true, quotaInfo: { remainingFraction: 0.1 } },
      },
    },
    expected: {
      windows: [
        {
          name: "quota",
          scope: "model",
          model: "claude-sonnet-4-5",
          percent: 60,
          resetsAt: at("2026-11-21T14:00:00Z"),
        },
        {
          name: "quota",
          scope: "model",
          model: "gemini-3-flash",
          percent: 100,
          resetsAt: at("2026-11-21T14:00:00Z"),
        },
      ],
    },
  },
  {
    provider: "kiro",
    name: "a month's credits beside a trial",
    body: {
      nextDateReset: 1_796_083_200,
      subscriptionInfo: { subscriptionTitle: "KIRO FREE" },
      usageBreakdownList: [
        {
          resourceType: "CREDIT",
          currentUsageWithPrecision: 50,
          usageLimitWithPrecision: 50,
          freeTrialInfo: {
            freeTrialStatus: "ACTIVE",
            currentUsageWithPrecision: 12.5,
            usageLimitWithPrecision: 100,
            freeTrialExpiry: 1_795_500_000.5,
          },
        },
      ],
    },
    expected: {
      plan: "KIRO FREE",
      windows: [
        {
          name: "monthly",
          scope: "account",
          unit: "credits",
          used: 50,
          limit: 50,
          percent: 100,
          advisory: true,
          resetsAt: 1_796_083_200_000,
        },
        {
          name: "trial",
          scope: "account",
          unit: "credits",
          used: 12.5,
          limit: 100,
          percent: 12.5,
          advisory: true,
          resetsAt: 1_795_500_000_500,
        },
      ],
    },
  },
  {
    provider: "kiro",
    name: "a month's credits after the trial",
    body: {
      nextDateReset: "2026-12-01T00:00:00Z",
      usageBreakdownList: [
        {
          currentUsageWithPrecision: 25,
          usageLimitWithPrecision: 50,
          freeTrialInfo: { freeTrialStatus: "EXPIRED", currentUsage: 1, usageLimit: 1 },
        },
      ],
    },
    expected: {
      windows: [
        {
          name: "monthly",
          scope: "account",
          unit: "credits",
          used: 25,
          limit: 50,
          percent: 50,
          resetsAt: at("2026-12-01T00:00:00Z"),
        },
      ],
    },
  },
  {
    provider: "kimi-coding",
    name: "numbers written as texts",
    body: {
      user: { userId: "u" },
      usage: { limit: "2048", used: "1024", remaining: "1024", resetTime: "2026-11-24T00:00:00.123456789Z" },
      limits: [
        {
          window: { duration: 300, timeUnit: "TIME_UNIT_MINUTE" },
          detail: { limit: "200", remaining: "50", resetTime: "2026-11-21T12:00:00Z" },
        },
      ],
    },
    expected: {
      windows: [
        {
          name: "weekly",
          scope: "account",
          used: 1024,
          limit: 2048,
          lengthMs: 168 * HOUR,
          percent: 50,
          resetsAt: at("2026-11-24T00:00:00.123Z"),
        },
        {
          name: "5h",
          scope: "account",
          used: 150,
          limit: 200,
          lengthMs: 5 * HOUR,
          percent: 75,
          resetsAt: at("2026-11-21T12:00:00Z"),
        },
      ],
    },
  },
  {
    provider: "glm",
    name: "five hours, a week, and the month's tools",
    body: {
      success: true,
      code: 200,
      data: {
        level: "pro",
        limits: [
          { type: "TOKENS_LIMIT", unit: 3, number: 5, percentage: 33, nextResetTime: 1_795_260_000_000 },
          { type: "TOKENS_LIMIT", unit: 6, number: 1, percentage: 100, nextResetTime: 1_795_500_000_000 },
          { type: "TIME_LIMIT", unit: 5, number: 1, percentage: 7, nextResetTime: 1_796_083_200_000 },
        ],
      },
    },
    expected: {
      plan: "pro",
      windows: [
        {
          name: "5h",
          lengthMs: 5 * HOUR,
          scope: "account",
          unit: "tokens",
          percent: 33,
          resetsAt: 1_795_260_000_000,
        },
        {
          name: "weekly",
          lengthMs: 168 * HOUR,
          scope: "account",
          unit: "tokens",
          percent: 100,
          resetsAt: 1_795_500_000_000,
        },
        { name: "monthly tools", advisory: true, scope: "account", percent: 7, resetsAt: 1_796_083_200_000 },
      ],
    },
  },
  {
    provider: "minimax",
    name: "counts of what was used",
    body: {
      base_resp: { status_code: 0 },
      model_remains: [
        {
          model_name: "MiniMax-M3",
          start_time: NOW - 2 * HOUR,
          end_time: NOW + 3 * HOUR,
          remains_time: 3 * HOUR,
          current_interval_total_count: 1500,
          current_interval_usage_count: 300,
          current_weekly_total_count: 10_000,
          current_weekly_usage_count: 9000,
          weekly_remains_time: 24 * HOUR,
        },
      ],
    },
    expected: {
      windows: [
        {
          name: "5h",
          scope: "account",
          unit: "requests",
          used: 300,
          limit: 1500,
          percent: 20,
          lengthMs: 5 * HOUR,
          resetsAt: NOW + 3 * HOUR,
        },
        {
          name: "weekly",
          scope: "account",
          unit: "requests",
          used: 9000,
          limit: 10_000,
          percent: 90,
          lengthMs: 168 * HOUR,
          resetsAt: NOW + 24 * HOUR,
        },
      ],
    },
  },
  {
    provider: "minimax-cn",
    name: "counts of what is left, under the same names",
    body: {
      base_resp: { status_code: 0 },
      model_remains: [
        {
          model_name: "A",
          remains_time: HOUR,
          current_interval_total_count: 100,
          current_interval_usage_count: 100,
        },
        {
          model_name: "B",
          remains_time: HOUR,
          current_interval_total_count: 100,
          current_interval_usage_count: 0,
        },
      ],
    },
    expected: {
      windows: [
        {
          name: "5h",
          scope: "model",
          model: "A",
          unit: "requests",
          used: 0,
          limit: 100,
          percent: 0,
          lengthMs: 5 * HOUR,
          resetsAt: NOW + HOUR,
        },
        {
          name: "5h",
          scope: "model",
          model: "B",
          unit: "requests",
          used: 100,
          limit: 100,
          percent: 100,
          lengthMs: 5 * HOUR,
          resetsAt: NOW + HOUR,
        },
      ],
    },
  },
  {
    provider: "minimax",
    name: "a refusal with status 200",
    body: { base_resp: { status_code: 1004, status_msg: "no" } },
    expected: { windows: [], message: "MiniMax answered with code 1004." },
  },
  {
    provider: "openrouter",
    name: "a key with a limit",
    body: { data: { limit: 20, limit_remaining: 5, usage: 15, is_free_tier: false } },
    expected: {
      windows: [{ name: "credits", scope: "account", unit: "usd", used: 15, limit: 20, percent: 75 }],
    },
  },
  {
    provider: "openrouter",
    name: "a key without one",
    body: { data: { limit: null, limit_remaining: null, usage: 3.5, is_free_tier: true } },
    expected: {
      plan: "free",
      windows: [{ name: "credits", scope: "account", unit: "usd", used: 3.5, unlimited: true, percent: 0 }],
    },
  },
  {
    provider: "deepseek",
    name: "a balance",
    body: { is_available: true, balance_infos: [{ currency: "USD", total_balance: "12.3" }] },
    expected: { windows: [], message: "Balance: 12.30 USD" },
  },
  {
    provider: "deepseek",
    name: "a balance that is gone",
    body: { is_available: false, balance_infos: [{ currency: "CNY", total_balance: "0.00" }] },
    expected: {
      windows: [{ name: "balance", scope: "account", percent: 100 }],
      message: "Balance: 0.00 CNY",
    },
  },
  {
    provider: "kimi",
    name: "a balance by host",
    body: { code: 0, data: { available_balance: 49.58894, voucher_balance: 46.58, cash_balance: 3 } },
    changes: { baseUrl: "https://api.moonshot.cn/v1" },
    expected: { windows: [], message: "Balance: 49.59 CNY" },
  },
];

describe("a quota call's answer is read", () => {
  test.each(ROWS.map((row) => [`${row.provider}: ${row.name}`, row] as const))("%s", (_name, row) => {
    const source = findQuotaSource(row.provider)!;
    const reading = source.read(
      JSON.parse(JSON.stringify(row.body)),
      NOW,
      account(row.provider, row.changes),
    );
    expect(reading).toEqual(row.expected as never);
  });

  test.each(QUOTA_SOURCES.map((source) => [source.provider, source] as const))(
    "of %s, whatever it holds",
    (_name, source) => {
      const junk = [{}, { data: 7 }, { models: [] }, { usage: "x", limits: [1, null] }, { rate_limit: [] }];
      for (const body of junk) expect(() => source.read(body, NOW, account(source.provider))).not.toThrow();
    },
  );

  test("for every source there is a row, and a provider", () => {
    const covered = new Set(ROWS.map(({ provider }) => provider));
    for (const { provider } of QUOTA_SOURCES) {
      expect(covered).toContain(provider);
      expect(PROVIDERS.map(({ id }) => id)).toContain(provider);
    }
  });
});

describe("a quota is asked for", () => {
  const urlOf = (provider: string, changes: Partial<Connection> = {}, credentials: Credentials = {}) => {
    const source = findQuotaSource(provider)!;
    return source.call(
      source.url,
      account(provider, { ...changes, credentials: { apiKey: "sk-canary", ...credentials } }),
    )?.url;
  };

  test.each([
    ["claude", undefined, "https://api.anthropic.com/api/oauth/usage"],
    ["claude", "http://127.0.0.1:4000/v1", "http://127.0.0.1:4000/api/oauth/usage"],
    ["glm", "https://open.bigmodel.cn/api", "https://open.bigmodel.cn/api/monitor/usage/quota/limit"],
    ["minimax", undefined, "https://www.minimax.io/v1/token_plan/remains"],
    ["minimax", "https://api.minimax.io", "https://www.minimax.io/v1/token_plan/remains"],
    ["minimax", "https://proxy.example.org/mm", "https://proxy.example.org/v1/token_plan/remains"],
    [
      "minimax",
      "https://api.minimaxi.com",
      "https://www.minimaxi.com/v1/api/openplatform/coding_plan/remains",
    ],
    ["openrouter", "https://openrouter.ai/api/v1", "https://openrouter.ai/api/v1/key"],
    ["kimi", "https://api.moonshot.cn/v1", "https://api.moonshot.cn/v1/users/me/balance"],
  ])("of %s at %s where its owner sends its key anyway", (provider, baseUrl, expected) =>
    expect(urlOf(provider, baseUrl === undefined ? {} : { baseUrl })).toBe(expected),
  );

  test("of Copilot with GitHub's own token, and only where there is one", () => {
    const source = findQuotaSource("github")!;
    expect(source.call(source.url, account("github", { credentials: { accessToken: "x" } }))).toBeUndefined();
    const call = source.call(source.url, account("github", { credentials: { refreshToken: "gho_1" } }));
    expect(call?.headers).toEqual({ authorization: "token gho_1" });
  });

  test("never with a key in the address", () => {
    for (const source of QUOTA_SOURCES) {
      const call = source.call(
        source.url,
        account(source.provider, {
          credentials: { apiKey: "sk-canary", accessToken: "at-canary", refreshToken: "rt-canary" },
        }),
      );
      expect(call?.url).not.toContain("canary");
      expect(call?.url).toMatch(/^https:\/\//);
    }
  });
});
