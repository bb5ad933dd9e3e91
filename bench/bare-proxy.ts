/** The least a proxy on this runtime can do: the measure for everything we add. */
const upstream = process.argv[2] ?? "";

const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  development: false,
  idleTimeout: 0,
  async fetch(request) {
    const { pathname } = new URL(request.url);
    const response = await fetch(upstream + pathname, {
      method: request.method,
      headers: { "content-type": "application/json", authorization: "Bearer key" },
      body: await request.bytes(),
      signal: request.signal,
      redirect: "manual",
    });
    return new Response(response.body, {
      status: response.status,
      headers: { "content-type": response.headers.get("content-type") ?? "" },
    });
  },
});
console.log(JSON.stringify({ port: server.port }));
