# One image for workers, dashboard and one-off commands.
#
#   docker build --build-arg SOURCE_COMMIT="$(git rev-parse HEAD)" -t kling-sessions .
#
# NODE_IMAGE builds, and gives its /usr/local/bin/node: 20.19 or later, with npm. BASE_IMAGE is what runs: any with glibc and libstdc++.
ARG NODE_IMAGE=docker.io/library/node:26-bookworm-slim
ARG BASE_IMAGE=docker.io/library/debian:bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /build
# Behind a proxy that signs for others: the file with its certificate, mounted into the build.
ARG NODE_EXTRA_CA_CERTS
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY src src
# For --version, as there is no git in here.
ARG SOURCE_COMMIT
ARG SOURCE_DATE_EPOCH
# Install scripts are off, so the executable bit of ffprobe is set here. Only what the bundle leaves out stays installed.
# What nothing reads while it runs goes, too.
RUN node scripts/build.mjs \
 && node scripts/published.mjs > published.json && mv published.json package.json \
 && npm prune \
 && rm -rf node_modules/fluent-ffmpeg/coverage \
 && find node_modules -type f '(' -name '*.map' -o -name '*.d.ts' -o -name '*.d.cts' -o -name '*.d.mts' ')' -delete \
 && chmod 755 node_modules/@ffprobe-installer/*/ffprobe

FROM ${BASE_IMAGE}
ARG BASE_IMAGE
ARG SOURCE_COMMIT=unknown
LABEL org.opencontainers.image.title="kling-sessions" \
      org.opencontainers.image.description="Opens Kling video-editing sessions in bulk." \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.revision="${SOURCE_COMMIT}" \
      org.opencontainers.image.base.name="${BASE_IMAGE}"
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/dist dist
COPY --from=build /build/package.json ./
COPY LICENSE ./
COPY examples examples
RUN ln -s /app/dist/cli/main.js /usr/local/bin/kling-sessions
# By number, so that Kubernetes can see that it is not root. Nothing is written but below /tmp and what is mounted.
USER 1000:1000
WORKDIR /data
# Node is the first process: it hands signals on, and the program listens for them.
ENTRYPOINT ["kling-sessions"]
CMD ["--help"]
HEALTHCHECK --interval=30s --timeout=10s --start-period=20s --retries=3 CMD ["kling-sessions", "doctor", "--json"]
