import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canMakeCertificates, makeCertificate } from "./certificate.ts";
import { closedPort } from "./upstream.ts";

/** The name that the documented set-ups serve, and the gateway behind them must know. */
export const PUBLIC_NAME = "ai.example.org";

/** A reverse proxy of this test's own, set up as docs/SERVER.md says. */
export type FrontProxy = {
  /** Speaks TLS, with a certificate nobody vouches for. */
  port: number;
  /** What its log says of each call that it handed to the gateway: a line with the call's `X-Request-Id` where it has one. */
  handedOn(): string[];
  stop(): Promise<void>;
};

export type ProxyName = "nginx" | "HAProxy" | "Caddy";

type Recipe = {
  program: string;
  /** The mark of its code block in docs/SERVER.md. */
  language: string;
  /** Everything around the documented block, which has `snippet` in it. Paths are in `home`. */
  configuration(snippet: string, home: string): string;
  arguments(file: string, home: string): string[];
  /** Is in each line of its log about a call that was handed on, and in no other. */
  handedOn: RegExp;
};

const RECIPES: { readonly [Name in ProxyName]: Recipe } = {
  nginx: {
    program: "nginx",
    language: "nginx",
    configuration: (snippet, home) => `
      daemon off;
      master_process off;
      pid ${home}/pid;
      events { worker_connections 512; }
      http {
        log_format tally 'upstream=$upstream_status $http_x_request_id';
        access_log ${home}/log tally;
        client_body_temp_path ${home}/body;
        proxy_temp_path ${home}/proxy;
        fastcgi_temp_path ${home}/fastcgi;
        uwsgi_temp_path ${home}/uwsgi;
        scgi_temp_path ${home}/scgi;
        ${snippet}
      }`,
    arguments: (file, home) => ["-p", home, "-c", file, "-e", "stderr"],
    handedOn: /^upstream=\d/,
  },
  HAProxy: {
    program: "haproxy",
    language: "haproxy",
    configuration: (snippet) => `
global
    log stdout format raw local0
defaults
    log global
    option httplog
${snippet}`,
    arguments: (file) => ["-db", "-f", file],
    handedOn: / omniroute\/omniroute /,
  },
  Caddy: {
    program: "caddy",
    language: "caddyfile",
    configuration: (snippet, home) => `
{
  admin off
  auto_https disable_redirects
  storage file_system ${home}
}
${snippet.replace("{", `{\n  tls ${home}/cert.pem ${home}/key.pem\n  log {\n    output stdout\n    format json\n  }`)}`,
    arguments: (file) => ["run", "--config", file, "--adapter", "caddyfile"],
    // It also logs what it ends by itself: 0 for a host it does not serve, 502 when a body breaks off under way.
    handedOn: /"msg":"handled request".*"status":(?!0,|502,)/,
  },
};

/** Starts a proxy before the gateway at `gatewayPort`. Undefined where it is not installed; throws when it cannot start. */
export async function startFrontProxy(name: ProxyName, gatewayPort: number): Promise<FrontProxy | undefined> {
  const recipe = RECIPES[name];
  const program = programPath(recipe.program);
  if (program === undefined) return undefined;
  const home = mkdtempSync(join(tmpdir(), "omniroute-front-"));
  const { cert, key } = makeCertificate(home, [`DNS:${PUBLIC_NAME}`]);
  writeFileSync(join(home, "both.pem"), cert + key);
  const port = await closedPort();
  const file = join(home, "configuration");
  writeFileSync(
    file,
    recipe.configuration(moved(documented(recipe.language), home, port, gatewayPort), home),
  );
  const child = Bun.spawn([program, ...recipe.arguments(file, home)], {
    cwd: home,
    env: { PATH: process.env.PATH ?? "", HOME: home },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  let log = "";
  const keep = async (stream: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) log += decoder.decode(chunk, { stream: true });
  };
  const read = Promise.all([keep(child.stdout), keep(child.stderr)]);
  const stop = async () => {
    child.kill("SIGTERM");
    await child.exited;
    await read;
    rmSync(home, { recursive: true, force: true });
  };
  while (!(await listens(port))) {
    if (child.exitCode !== null) {
      await stop();
      throw new Error(`${name} does not start with the documented set-up:\n${log}`);
    }
    await Bun.sleep(20);
  }
  const handedOn = () => {
    const own = join(home, "log");
    const lines = (existsSync(own) ? readFileSync(own, "utf8") : log).split("\n");
    return lines.filter((line) => recipe.handedOn.test(line));
  };
  return { port, handedOn, stop };
}

/** Is the proxy here, and openssl, which makes its certificate? */
export function hasFrontProxy(name: ProxyName): boolean {
  return programPath(RECIPES[name].program) !== undefined && canMakeCertificates;
}

function programPath(program: string): string | undefined {
  return Bun.which(program, { PATH: `${process.env.PATH ?? ""}:/usr/sbin:/usr/local/sbin` }) ?? undefined;
}

/** The code block of docs/SERVER.md in a language. */
function documented(language: string): string {
  const text = readFileSync(join(import.meta.dir, "../../docs/SERVER.md"), "utf8");
  const block = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(text)?.[1];
  if (block === undefined) throw new Error(`docs/SERVER.md has no set-up in ${language}.`);
  return block;
}

/** The same set-up at other ports and with a certificate that is here; nothing else of it is touched. */
function moved(snippet: string, home: string, port: number, gatewayPort: number): string {
  return snippet
    .replace("127.0.0.1:20128", `127.0.0.1:${gatewayPort}`)
    .replace("listen 443", `listen 127.0.0.1:${port}`)
    .replace("bind :443", `bind 127.0.0.1:${port}`)
    .replace(/^ai\.example\.org \{/m, `https://${PUBLIC_NAME}:${port} {`)
    .replace(/\/etc\/letsencrypt\S*fullchain\.pem/, join(home, "cert.pem"))
    .replace(/\/etc\/letsencrypt\S*privkey\.pem/, join(home, "key.pem"))
    .replace(/\/etc\/haproxy\S*\.pem/, join(home, "both.pem"));
}

async function listens(port: number): Promise<boolean> {
  try {
    const socket = await Bun.connect({ hostname: "127.0.0.1", port, socket: { data: () => {} } });
    socket.end();
    return true;
  } catch {
    return false;
  }
}
