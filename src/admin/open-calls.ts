/** The calls that anybody may make once set-up is done. Everything else is closed, also what does not exist. */
export const OPEN_CALLS: ReadonlySet<string> = new Set([
  "POST /api/setup",
  "POST /api/auth/login",
  "POST /api/auth/logout",
  "GET /api/auth/status",
]);
