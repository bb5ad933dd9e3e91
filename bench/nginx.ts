import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Child, ended } from "./process.ts";

/** Starts nginx in front of `upstream`, as one process; undefined where it is not installed. */
export async function startNginx(directory: string, upstream: string): Promise<Child | undefined> {
  const program = Bun.which("nginx", { PATH: `${process.env.PATH ?? ""}:/usr/sbin:/usr/local/sbin` });
  if (program === null) return undefined;
  const port = freePort();
  const home = join(directory, "nginx");
  mkdirSync(home);
  writeFileSync(join(home, "nginx.conf"), configuration(port, new URL(upstream).host));
  const child = Bun.spawn([program, "-p", home, "-c", "nginx.conf", "-e", "stderr"], {
    stdout: "ignore",
    stderr: "ignore",
  });
  const url = `http://127.0.0.1:${port}`;
  while (
    !(await fetch(`${url}/v1/models`).then(
      () => true,
      () => false,
    ))
  ) {
    if (child.exitCode !== null) return undefined;
    await Bun.sleep(10);
  }
  return { url, pid: child.pid, stop: () => ended(child) };
}

/** Answers are passed on as they come, connections kept, nothing logged. */
const configuration = (port: number, upstream: string): string => `
daemon off;
master_process off;
pid nginx.pid;
worker_rlimit_nofile 16384;
events { worker_connections 8192; }
http {
  access_log off;
  client_max_body_size 64m;
  client_body_buffer_size 2m;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  keepalive_requests 10000000;
  upstream provider { server ${upstream}; keepalive 256; keepalive_requests 10000000; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://provider;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
    }
  }
}
`;

function freePort(): number {
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
  const { port } = server;
  void server.stop(true);
  return port ?? 0;
}
