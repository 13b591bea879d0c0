# passbridge without Redis: set REDIS_URL. `docker build -t passbridge .`
# For reproducible builds, also pin the digest, FROM node:20-bookworm-slim@sha256:…, as printed by
# `docker buildx imagetools inspect node:20-bookworm-slim`.

FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json tsconfig.client.json ./
COPY src ./src
RUN npm run build

FROM node:20-bookworm-slim
# Addresses and paths inside the container; REDIS_URL is the service of compose.yaml.
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 METRICS_PORT=9464 REDIS_URL=redis://redis:6379 DATA_DIR=/data STORE_MARK_DIR=/data/marks PROGRAMS_FILE=/config/programs.yaml
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# No optional dependency is used here; the largest is a TypeScript compiler.
RUN npm ci --omit=dev --omit=optional --ignore-scripts && npm cache clean --force
COPY assets ./assets
# Used by `init` and `demo`.
COPY examples ./examples
COPY schema ./schema
COPY LICENSE ./
COPY --from=build /app/dist ./dist
# For uploads, which web and feeder share.
RUN mkdir /data && chown node:node /data
VOLUME /data
USER node
EXPOSE 3000 9464
# Every role answers on METRICS_PORT.
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.METRICS_PORT + '/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# node is process 1, so SIGTERM reaches it and it finishes its calls in flight. Allow 30 s before SIGKILL.
ENTRYPOINT ["node", "dist/main.js"]
CMD ["up"]
