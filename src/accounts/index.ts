export { authHeaders } from "./auth-headers.ts";
export { type Diagnosis, DIAGNOSIS_TYPES, type DiagnosisType } from "./diagnosis.ts";
export { type DiscoveredModel, discoverModels } from "./discover-models.ts";
export { environmentConnections } from "./environment.ts";
export type { ProbedConnection } from "./probe-request.ts";
export { testConnection, type TestInput, testNode, type TestResult } from "./probe.ts";
export type { FlowDeps, OAuthSettings } from "./oauth/context.ts";
export { missingClient } from "./oauth/context.ts";
export type { Choices, SignInFlow } from "./oauth/flow.ts";
export {
  CREDENTIAL_FILES,
  type CredentialFile,
  type FoundSignIn,
  readCredentialFile,
  readCredentialText,
} from "./credential-files/index.ts";
export { findFlow, SIGN_IN_FLOWS } from "./oauth/flows/index.ts";
export { type BeginInput, SignInDesk } from "./oauth/sign-in-desk.ts";
export type { PendingView } from "./oauth/waiting-sign-ins.ts";
export type { KeptConnection, Outcome } from "./oauth/sign-in-outcome.ts";
export type { SignedIn } from "./oauth/signed-in.ts";
export { type TokenHealth, TokenKeeper } from "./refresh.ts";
export { testSignedIn } from "./test-signed-in.ts";
