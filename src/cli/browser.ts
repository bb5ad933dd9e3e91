import type { Environment } from "../lib/environment-reader.ts";

/** Is there a desktop on which a browser could open? Not over SSH, not in a container. */
export function hasDesktop(env: Environment, platform: NodeJS.Platform = process.platform): boolean {
  if (env.SSH_CONNECTION || env.SSH_TTY || env.CI) return false;
  if (platform === "darwin" || platform === "win32") return true;
  return Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}

/**
 * Opens an address in the user's browser; a desktop without one is no failure. The address stands in the process
 * list, so it must hold no secret.
 */
export function openBrowser(address: string, env: Environment): void {
  try {
    const child = Bun.spawn([...opener(process.platform), address], {
      env: { ...env },
      stdin: "ignore",
      stdout: "ignore",
      stderr: "ignore",
    });
    child.unref();
  } catch {
    // Nothing to open it with: the address is on the screen.
  }
}

function opener(platform: NodeJS.Platform): string[] {
  if (platform === "darwin") return ["open"];
  if (platform === "win32") return ["rundll32", "url.dll,FileProtocolHandler"];
  return ["xdg-open"];
}
