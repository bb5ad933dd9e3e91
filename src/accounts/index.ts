export { authHeaders } from "./auth-headers.ts";
export { type Diagnosis, DIAGNOSIS_TYPES, type DiagnosisType } from "./diagnosis.ts";
export { type DiscoveredModel, discoverModels } from "./discover-models.ts";
export { environmentConnections } from "./environment.ts";
export type { ProbedConnection } from "./probe-request.ts";
export { testConnection, type TestInput, testNode, type TestResult } from "./probe.ts";
