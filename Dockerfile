# Builds the program from source and puts it, with the few system libraries it needs, into an otherwise empty image.
FROM oven/bun:1.4.5 AS build
WORKDIR /src
COPY package.json bun.lock bunfig.toml ./
RUN bun install --frozen-lockfile
COPY . .
RUN bun build.ts

# What the final image holds: the program, the libraries `ldd` names, certificates, an owned data directory.
RUN set -eu; \
    mkdir -p /image/usr/local/bin /image/app/data /image/tmp /image/etc/ssl/certs; \
    cp dist/omniroute /image/usr/local/bin/omniroute; \
    ldd dist/omniroute | grep -o '/[^ ]*' | while read -r library; do cp --parents --dereference "$library" /image; done; \
    if [ -f /etc/ssl/certs/ca-certificates.crt ]; then cp /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/; fi; \
    echo 'omniroute:x:65532:65532::/app/data:/nologin' > /image/etc/passwd; \
    echo 'omniroute:x:65532:' > /image/etc/group; \
    chmod 0700 /image/app/data; chmod 1777 /image/tmp; chown -R 65532:65532 /image/app

# The same with coding clients inside, which the dashboard can configure: docker build --target cli -t omniroute:cli .
FROM node:24-bookworm-slim AS cli
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates git && rm -rf /var/lib/apt/lists/* \
    && npm install -g --no-audit --no-fund @anthropic-ai/claude-code@2.1.330 @openai/codex@0.169.0 openclaw@2026.9.6 droid@0.215.0 \
    && npm cache clean --force
COPY --from=build /image/usr/local/bin/omniroute /usr/local/bin/omniroute
RUN useradd --system --uid 65532 --create-home --home-dir /home/omniroute omniroute \
    && install -d -m 0700 -o omniroute -g omniroute /app/data
ENV HOSTNAME=0.0.0.0 \
    HOST=0.0.0.0 \
    PORT=20128 \
    DATA_DIR=/app/data \
    CLI_CONFIG_HOME=/home/omniroute \
    CLI_ALLOW_CONFIG_WRITES=true \
    BUN_CONFIG_MAX_HTTP_REQUESTS=8192 \
    DO_NOT_TRACK=1
WORKDIR /home/omniroute
USER omniroute
VOLUME ["/app/data", "/home/omniroute"]
EXPOSE 20128
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s --retries=3 CMD ["omniroute", "healthcheck"]
ENTRYPOINT ["omniroute"]
CMD ["serve", "--no-open"]

FROM scratch AS base
COPY --from=build /image /
# HOST as well as HOSTNAME: some container runtimes put the container's own name into HOSTNAME, which then counts as unset.
ENV HOSTNAME=0.0.0.0 \
    HOST=0.0.0.0 \
    PORT=20128 \
    DATA_DIR=/app/data \
    HOME=/app/data \
    CLI_ALLOW_CONFIG_WRITES=false \
    PATH=/usr/local/bin \
    BUN_CONFIG_MAX_HTTP_REQUESTS=8192 \
    DO_NOT_TRACK=1
WORKDIR /app
USER 65532:65532
VOLUME /app/data
EXPOSE 20128
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s --retries=3 CMD ["omniroute", "healthcheck"]
ENTRYPOINT ["omniroute"]
CMD ["serve", "--no-open"]
