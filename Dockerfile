# The reviewer's web page is built apart: what builds it does not belong where it is served.
FROM node:24-slim AS web
WORKDIR /app
COPY package.json package-lock.json ./
COPY shared/package.json shared/
COPY services/intake/package.json services/intake/
COPY services/notifier/package.json services/notifier/
COPY services/ledger/package.json services/ledger/
COPY sdk/package.json sdk/
COPY extension/package.json extension/
COPY cli/package.json cli/bin.js cli/
COPY demo/package.json demo/
RUN npm ci --omit=optional --ignore-scripts
COPY shared shared
COPY extension extension
RUN npm run build:web -w extension

# One image for every service; which one runs is the command's choice.
FROM node:24-slim
WORKDIR /app
ENV NODE_ENV=production

# Manifests first, so that a change of code does not install everything again.
COPY package.json package-lock.json ./
COPY shared/package.json shared/
COPY services/intake/package.json services/intake/
COPY services/notifier/package.json services/notifier/
COPY services/ledger/package.json services/ledger/
COPY sdk/package.json sdk/
COPY extension/package.json extension/
COPY cli/package.json cli/bin.js cli/
COPY demo/package.json demo/
# The optional packages are other platforms' binaries, and a Node that this image has already.
RUN npm ci --omit=dev --omit=optional && npm cache clean --force

COPY shared shared
COPY services services
COPY cli cli
COPY policies policies
COPY --from=web /app/extension/.output/web web
ENV WEB_DIR=web
# A volume begins as what is there: with a folder that the ledger may write to.
RUN mkdir -p /var/lib/countersign/ledger && chown -R node:node /var/lib/countersign
USER node
CMD ["node", "services/intake/main.ts"]
