# The image of flexmetal-operator: a Node without a shell and one file of JavaScript. Made by `npm run image`, which builds that
# file first; nothing is run while the image is built, so that it can be made for any architecture on any machine.
# Another base has to have Node 24.15 or newer at /nodejs/bin/node, as the distroless images have it.
ARG BASE=gcr.io/distroless/nodejs24-debian13:nonroot
FROM ${BASE}

ARG BASE
ARG VERSION=unknown
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
LABEL org.opencontainers.image.title="flexmetal-operator" \
      org.opencontainers.image.description="Kubernetes operator for i3D.net FlexMetal servers" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.base.name="${BASE}"

# 60 % of the container's memory for the heap; the rest is for sockets, code and the stack. A diagnostic report, if somebody asks
# for one, leaves out the environment.
ENV NODE_OPTIONS="--max-old-space-size-percentage=60 --report-exclude-env"

# Into the folder that is there already: a new one would carry the time of its making, and the layer another digest each time.
COPY dist/flexmetal-operator.mjs dist/LICENSE dist/THIRD_PARTY_LICENSES.txt dist/sbom.cdx.json /

# By number, so that Kubernetes can see that it is not root.
USER 65532:65532
ENTRYPOINT ["/nodejs/bin/node", "/flexmetal-operator.mjs"]
CMD ["run"]
