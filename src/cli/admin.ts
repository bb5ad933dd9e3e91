import { EXIT, type CliContext, type DataFlags } from "./context.ts";
import { onInstallation, serverOf } from "./installation.ts";
import { json, line } from "./output.ts";

/** Prints a fresh one-time link to the set-up page, as long as set-up is open. */
export async function setupLink(context: CliContext, flags: DataFlags & { json?: boolean }): Promise<number> {
  const server = await serverOf(context, flags);
  const { url } = await server.call("POST", "/api/setup-link", {});
  if (flags.json) json(context.out, { url });
  else line(context.out, String(url));
  return EXIT.fine;
}

/** Asks for a new dashboard password and sets it; every login ends. Also the way back in for those locked out. */
export async function resetPassword(context: CliContext, flags: DataFlags): Promise<number> {
  const password = await context.readSecret("New dashboard password");
  await onInstallation(context, flags, {
    server: async (server) => {
      await server.call("POST", "/api/auth/reset-password", { password });
    },
    engine: async (engine) => {
      await engine.access.resetPassword(password);
    },
  });
  line(context.out, "The password is changed; all logins have ended.");
  return EXIT.fine;
}
