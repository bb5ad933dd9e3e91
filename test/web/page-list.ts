import type { Demo } from "./demo.ts";

/** Addresses of every page that needs nothing to be there. */
export const PAGES = [
  "/dashboard",
  "/dashboard/endpoint",
  "/dashboard/endpoint/clients",
  "/dashboard/cli-tools",
  "/dashboard/cli-tools/claude",
  "/dashboard/cli-tools/codex",
  "/dashboard/cli-tools/cursor",
  "/dashboard/providers",
  "/dashboard/providers?q=zzz",
  "/dashboard/providers/openai",
  "/dashboard/providers/iflow",
  "/dashboard/providers/ollama",
  "/dashboard/providers/mock",
  "/dashboard/providers/openrouter/sign-in",
  "/dashboard/providers/claude",
  "/dashboard/providers/claude/sign-in",
  "/dashboard/providers/new",
  "/dashboard/combos",
  "/dashboard/combos/new",
  "/dashboard/combos/new?template=always-on",
  "/dashboard/logs",
  "/dashboard/logs?status=error&search=zzz",
  "/dashboard/logs/audit",
  "/dashboard/logs/proxy",
  "/dashboard/usage",
  "/dashboard/usage?range=1d",
  "/dashboard/usage?range=90d&show=latency&by=provider",
  "/dashboard/usage?from=2026-01-01&to=2026-01-31&show=cost&by=key&model=gone",
  "/dashboard/quota",
  "/dashboard/costs",
  "/dashboard/costs/pricing",
  "/dashboard/costs/pricing?provider=anthropic",
  "/dashboard/health",
  "/dashboard/settings",
  "/dashboard/settings/routing",
  "/dashboard/settings/resilience",
  "/dashboard/settings/ai",
  "/dashboard/settings/advanced",
  "/dashboard/settings/storage",
  "/setup/provider",
  "/setup/key",
  "/setup/client",
] as const;

/** Addresses of pages about one thing of a filled installation. */
export function pagesAbout(demo: Demo): string[] {
  return [
    `/dashboard/endpoint/keys/${demo.keyId}`,
    `/dashboard/providers/${demo.nodeId}`,
    `/dashboard/providers/openai/connections/${demo.connectionId}`,
    `/dashboard/combos/${demo.comboId}`,
    `/dashboard/logs/${demo.requestId}`,
  ];
}
