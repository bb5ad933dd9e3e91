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

FROM scratch AS base
COPY --from=build /image /
# HOST as well as HOSTNAME: some container runtimes put the container's own name into HOSTNAME, which then counts as unset.
ENV HOSTNAME=0.0.0.0 \
    HOST=0.0.0.0 \
    PORT=20128 \
    DATA_DIR=/app/data \
    HOME=/app/data \
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
