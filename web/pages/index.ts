import type { Page } from "../page.ts";
import { apiCall } from "./api/detail.ts";
import { apiReference } from "./api/list.ts";
import { cliTool } from "./cli-tools/detail.ts";
import { cliTools } from "./cli-tools/list.ts";
import { findPage } from "./find/find.ts";
import { combo } from "./combos/detail.ts";
import { combos } from "./combos/list.ts";
import { newCombo } from "./combos/new.ts";
import { addresses } from "./endpoint/addresses.ts";
import { clients } from "./endpoint/clients.ts";
import { keyGroup } from "./endpoint/group.ts";
import { keyGroups } from "./endpoint/groups.ts";
import { key } from "./endpoint/key.ts";
import { budget } from "./costs/budget.ts";
import { pricing } from "./costs/pricing.ts";
import { health } from "./health/index.ts";
import { usage } from "./usage/analytics.ts";
import { quota } from "./quota.ts";
import { compareEvals } from "./evals/compare.ts";
import { evals } from "./evals/list.ts";
import { evalRun } from "./evals/run.ts";
import { evalSuite, newEvalSuite } from "./evals/suite.ts";
import { home } from "./home.ts";
import { audit } from "./logs/audit.ts";
import { consoleLog } from "./logs/console.ts";
import { proxyLog } from "./logs/proxy.ts";
import { recording } from "./logs/recording.ts";
import { recordings } from "./logs/recordings.ts";
import { request } from "./logs/request.ts";
import { requests } from "./logs/requests.ts";
import { playground } from "./playground/index.ts";
import { connection } from "./providers/connection.ts";
import { provider } from "./providers/detail.ts";
import { signIn } from "./providers/sign-in.ts";
import { providers } from "./providers/list.ts";
import { newNode } from "./providers/new-node.ts";
import { advanced } from "./settings/advanced.ts";
import { ai } from "./settings/ai.ts";
import { notices } from "./settings/notices.ts";
import { resilience } from "./settings/resilience.ts";
import { routing } from "./settings/routing.ts";
import { testBench } from "./translator/bench.ts";
import { chatTester } from "./translator/chat.ts";
import { liveTranslations } from "./translator/live.ts";
import { translator } from "./translator/translate.ts";
import { security } from "./settings/security.ts";
import { storage } from "./settings/storage.ts";

/**
 * Every page of the dashboard, in the order of the sidebar. Where two paths fit one address the first wins, so a page
 * with a name stands before one with a `:place`.
 */
export const pages: readonly Page[] = [
  home,
  findPage(() => pages),
  addresses,
  clients,
  key,
  keyGroups,
  keyGroup,
  playground,
  cliTools,
  cliTool,
  providers,
  newNode,
  provider,
  signIn,
  connection,
  combos,
  newCombo,
  combo,
  requests,
  recordings,
  recording,
  audit,
  proxyLog,
  consoleLog,
  request,
  usage,
  evals,
  newEvalSuite,
  compareEvals,
  evalRun,
  evalSuite,
  quota,
  budget,
  pricing,
  health,
  translator,
  chatTester,
  testBench,
  liveTranslations,
  security,
  routing,
  resilience,
  ai,
  advanced,
  notices,
  storage,
  apiReference,
  apiCall,
];
