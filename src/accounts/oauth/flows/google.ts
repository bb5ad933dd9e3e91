import { isObject, type JsonObject } from "../../../lib/json.ts";
import { sleep } from "../../../lib/clock.ts";
import type { FlowContext } from "../context.ts";
import type { SignInFlow, Tokens } from "../flow.ts";
import { callForJson } from "../http.ts";
import { SignInError } from "../sign-in-error.ts";
import { authorizeUrl, exchangeCode, refreshTokens } from "../standard.ts";

const BASIC_SCOPES = [
  "https://www.googleapis.com/auth/cloud-platform",
  "https://www.googleapis.com/auth/userinfo.email",
  "https://www.googleapis.com/auth/userinfo.profile",
];

const RECIPE = [
  "Google wants a client of your own:",
  "1. Open https://console.cloud.google.com/apis/credentials and choose or make a project.",
  "2. Set up the OAuth consent screen and add your own account as a test user.",
  "3. Create credentials → OAuth client ID → Web application.",
  "4. Under “Authorized redirect URIs” enter exactly the address shown in this dialog.",
  "5. Set the two variables to the client id and the client secret, and start OmniRoute again.",
].join("\n");

/** Code Assist of Google accounts; since 2026-06-18 only with a Standard or Enterprise licence. */
export const geminiCli: SignInFlow = google({
  provider: "gemini-cli",
  prefixes: ["GEMINI_CLI", "GEMINI"],
  scopes: BASIC_SCOPES,
  project: "https://cloudcode-pa.googleapis.com/v1internal",
});

/** Antigravity. Its terms forbid sign-ins by other software. */
export const antigravity: SignInFlow = google({
  provider: "antigravity",
  prefixes: ["ANTIGRAVITY"],
  scopes: [
    ...BASIC_SCOPES,
    "https://www.googleapis.com/auth/cclog",
    "https://www.googleapis.com/auth/experimentsandconfigs",
  ],
  project: "https://daily-cloudcode-pa.googleapis.com/v1internal",
});

function google(facts: {
  provider: string;
  prefixes: SignInFlow["prefixes"];
  scopes: readonly string[];
  /** Where the account's project is asked for. */
  project: string;
}): SignInFlow {
  return {
    provider: facts.provider,
    prefixes: facts.prefixes,
    endpoints: {
      authorize: "https://accounts.google.com/o/oauth2/v2/auth",
      token: "https://oauth2.googleapis.com/token",
      userinfo: "https://www.googleapis.com/oauth2/v2/userinfo?alt=json",
      project: facts.project,
    },
    client: { own: { needs: "both", recipe: RECIPE } },
    scopes: facts.scopes,
    rotates: false,
    browser: {
      redirects: { own: "any" },
      // Without `prompt`, Google gives a refresh token only the very first time.
      authorizeUrl: (context, attempt) =>
        authorizeUrl(context, attempt, { access_type: "offline", prompt: "consent" }),
      exchange: (context, attempt, answer) => exchangeCode(context, attempt, answer),
    },
    refresh: (context, { refreshToken = "" }) => refreshTokens(context, refreshToken),
    settle: settleGoogle,
  };
}

async function settleGoogle(context: FlowContext, tokens: Tokens) {
  const headers = { authorization: `Bearer ${tokens.accessToken}` };
  const { id, email } = await callForJson(context, { url: context.endpoint("userinfo"), headers });
  const account = {
    ...(typeof id === "string" && { id }),
    ...(typeof email === "string" && { email }),
  };
  try {
    const projectId = await findProject(context, headers);
    return { account, more: { projectId } };
  } catch (error) {
    if (!(error instanceof SignInError)) throw error;
    return { account, warnings: [`Google gave no project for this account. ${error.message}`] };
  }
}

const METADATA = { ideType: "IDE_UNSPECIFIED", platform: "PLATFORM_UNSPECIFIED", pluginType: "GEMINI" };
const ONBOARDING_TRIES = 10;
const ONBOARDING_PAUSE_MS = 2000;

/** The project that calls of this account are counted against; made for accounts that have none yet. */
async function findProject(context: FlowContext, headers: { authorization: string }): Promise<string> {
  const base = context.endpoint("project");
  const loaded = await callForJson(context, {
    url: `${base}:loadCodeAssist`,
    headers,
    json: { metadata: METADATA },
  });
  const found = projectIn(loaded);
  if (found !== undefined) return found;
  const json = { tierId: defaultTier(loaded), metadata: METADATA };
  for (let tries = 0; tries < ONBOARDING_TRIES; tries++) {
    const work = await callForJson(context, { url: `${base}:onboardUser`, headers, json });
    const made = work.done === true && isObject(work.response) ? projectIn(work.response) : undefined;
    if (made !== undefined) return made;
    if (work.done === true) break;
    if (!(await sleep(context.clock, ONBOARDING_PAUSE_MS, context.signal))) break;
  }
  throw new SignInError("refused", "It may have to be set up at Google first.");
}

function projectIn({ cloudaicompanionProject: project }: JsonObject): string | undefined {
  const id = isObject(project) ? project.id : project;
  return typeof id === "string" && id !== "" ? id : undefined;
}

function defaultTier({ allowedTiers }: JsonObject): unknown {
  const tiers = Array.isArray(allowedTiers) ? allowedTiers.filter(isObject) : [];
  return (tiers.find((tier) => tier.isDefault === true) ?? tiers[0])?.id ?? "free-tier";
}
