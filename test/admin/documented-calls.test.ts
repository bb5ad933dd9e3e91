import { expect, test } from "bun:test";
import { join } from "node:path";
import { callsPage } from "../../docs/calls/page.ts";
import { createAdmin } from "../../src/admin/index.ts";
import { shownPath } from "../../src/admin/openapi.ts";
import { methodsOf } from "../../src/admin/route-table.ts";
import { publicOperations } from "../../src/gateway/operations.ts";
import { startInProcess } from "../kit/in-process.ts";

/** The calls that scripts, clients and earlier dashboards rely on. Others may come; none of these may go. */
const PROMISED = `
POST setup
GET init
POST auth/login
POST auth/logout
GET auth/status
POST restart
POST shutdown
GET PATCH resilience
POST resilience/reset
GET POST rate-limits
GET POST rate-limit
GET POST policies
GET POST models/availability
GET oauth/{provider}/authorize
GET oauth/{provider}/device-code
GET oauth/{provider}/start-callback-server
POST oauth/{provider}/exchange
POST oauth/{provider}/poll
POST oauth/{provider}/poll-callback
POST oauth/{provider}/import
GET oauth/kiro/auto-import
GET oauth/kiro/social-authorize
POST oauth/kiro/social-exchange
GET POST oauth/cursor/{rest}
GET token-health
GET usage/{connectionId}
POST providers/{id}/test
POST providers/test-batch
POST providers/validate
GET openapi.json
GET POST providers
GET PUT PATCH DELETE providers/{id}
GET providers/{id}/models
GET providers/catalog
GET providers/client
GET provider-metrics
GET POST DELETE provider-models
GET models/catalog
GET PUT models
GET PUT DELETE models/alias
GET POST provider-nodes
PUT DELETE provider-nodes/{id}
POST provider-nodes/validate
GET POST keys
PATCH DELETE keys/{id}
POST keys/{id}/rotate
GET POST combos
GET PUT DELETE combos/{id}
POST combos/test
GET DELETE combos/metrics
GET PATCH settings/combo-defaults
GET POST DELETE fallback/chains
GET PATCH settings
GET POST settings/require-login
GET PUT settings/ip-filter
GET PUT settings/system-prompt
GET PUT settings/thinking-budget
GET PUT DELETE settings/proxy
POST settings/proxy/test
GET storage/health
GET cli-tools/status
GET cli-tools/runtime/{tool}
GET POST DELETE cli-tools/{settings}
GET POST DELETE cli-tools/backups
GET sessions
GET DELETE monitoring/health
GET telemetry/summary
GET DELETE cache
GET cache/stats
GET receipts/{id}
GET events
GET PATCH DELETE pricing
GET pricing/defaults
GET pricing/models
GET POST usage/budget
GET usage/analytics
GET usage/history
GET usage/report
GET usage/call-logs
GET usage/call-logs/{id}
GET usage/logs
GET usage/request-logs
GET DELETE usage/proxy-logs
GET compliance/audit-log
GET logs/console
GET POST evals
GET PUT DELETE evals/{suiteId}
POST evals/check
POST translator/detect
POST translator/translate
POST translator/send
GET translator/history
GET translator/load
POST translator/save
GET PUT POST DELETE db-backups
GET POST db-backups/export
GET db-backups/exportAll
POST db-backups/import
GET POST sync/cloud
GET POST sync/initialize
GET sync/bundles
GET PUT DELETE sync/bundles/{name}
`;

test("every promised call is there", async () => {
  const gateway = await startInProcess();
  const served = new Set(
    createAdmin(gateway.engine).facts.flatMap((route) =>
      [...methodsOf(route)].map((method) => `${method} ${shownPath(route.path)}`),
    ),
  );
  const promised = PROMISED.trim()
    .split("\n")
    .flatMap((line) => {
      const words = line.split(" ");
      return words.slice(0, -1).map((method) => `${method} /api/${words.at(-1)}`);
    });
  expect(promised.filter((call) => !served.has(call))).toEqual([]);
  await gateway.stop();
});

test("docs/CALLS.md says what is served; `bun run docs` writes it anew", async () => {
  const gateway = await startInProcess();
  const page = await Bun.file(join(import.meta.dir, "../../docs/CALLS.md")).text();
  expect(page).toBe(callsPage(createAdmin(gateway.engine, publicOperations()).document()));
  await gateway.stop();
});
