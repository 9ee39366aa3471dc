# One image for every part of the network but Postgres: the services, the front, nats-server and the tools.
# Build it with: docker compose build
FROM python:3.11-slim-bookworm AS packages
WORKDIR /build
COPY requirements.lock deploy/runtime.lock ./
RUN python -m venv /opt/sluss \
 && awk '/^uv==/ {on=1} on {print} on && !/\\$/ {exit}' requirements.lock > uv.txt \
 && pip install --no-cache-dir --require-hashes -r uv.txt \
 && uv pip sync --no-cache --compile-bytecode --python /opt/sluss/bin/python --require-hashes runtime.lock

FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin sluss \
 && install -d -o sluss -g sluss -m 0700 /data /deployment
COPY --from=packages /opt/sluss /opt/sluss
COPY contracts/sluss_contracts /app/sluss_contracts
COPY services /app/services
COPY sluss /app/sluss
COPY pathways /app/sluss/pathways/shipped
COPY docs/operators /app/services/console/handbook/shipped
COPY LICENSE /app/LICENSE
ENV PATH=/opt/sluss/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1
RUN python -m compileall -q /app
WORKDIR /app
USER sluss
ENTRYPOINT []
CMD ["python", "-m", "sluss.cli", "--help"]
