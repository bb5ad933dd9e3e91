/** Addresses of earlier versions, and where their pages are now. */
export const moved: readonly (readonly [from: string, to: string])[] = [
  ["/dashboard/onboarding", "/setup/provider"],
  ["/dashboard/audit-log", "/dashboard/logs/audit"],
  ["/dashboard/limits", "/dashboard/quota"],
  ["/dashboard/profile", "/dashboard/settings"],
];
