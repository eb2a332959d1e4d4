# syntax=docker/dockerfile:1

# One image for every service: code server, run and Celery workers, webserver, daemon, API and monitor.
FROM python:3.11.14-slim-bookworm@sha256:65a93d69fa75478d554f4ad27c85c1e69fa184956261b4301ebaf6dbb0a3543d AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_NO_CACHE=1

RUN python -m pip install uv==0.13.8 && python -m venv --without-pip /opt/venv

WORKDIR /app

# The dependencies first: they change less often than the program, and their layer is kept.
COPY pyproject.toml constraints.txt overrides.txt ./
# A container has a database given to it, so the embedded one stays out.
RUN printf "\npixeltable-pgserver ; sys_platform == 'never'\n" >> overrides.txt && \
    uv pip install --python /opt/venv/bin/python --constraints constraints.txt --overrides overrides.txt \
        --requirements pyproject.toml --extra celery --extra k8s

COPY README.md LICENSE ./
COPY sql sql
COPY food_inspections food_inspections
COPY api api
COPY monitor monitor
RUN uv pip install --python /opt/venv/bin/python --no-deps --editable . && \
    python -m compileall -q food_inspections


FROM python:3.11.14-slim-bookworm@sha256:65a93d69fa75478d554f4ad27c85c1e69fa184956261b4301ebaf6dbb0a3543d

# libgomp is what XGBoost and scikit-learn compute in parallel with; the slim image lacks it.
# hadolint ignore=DL3008
RUN apt-get update && \
    apt-get install --yes --no-install-recommends libgomp1 && \
    rm -rf /var/lib/apt/lists/* && \
    groupadd --gid 10001 food && \
    useradd --uid 10001 --gid food --no-create-home --home-dir /tmp --shell /usr/sbin/nologin food && \
    install --directory --owner food --group food --mode 0750 /var/lib/food-inspections

COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
COPY deploy/dagster.yaml /app/dagster.yaml
COPY deploy/compose/workspace.yaml /app/workspace.yaml

# Everything that is written goes under the home folder or /tmp, so that the root may be read-only.
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DAGSTER_HOME=/app \
    FOOD_INSPECTIONS_HOME=/var/lib/food-inspections \
    HOME=/tmp \
    MPLCONFIGDIR=/tmp/matplotlib \
    XDG_CACHE_HOME=/tmp/cache

WORKDIR /app
USER 10001:10001
VOLUME /var/lib/food-inspections

CMD ["food-inspections", "--help"]
