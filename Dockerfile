# Dateline with its models inside: it runs without a network. docs/operations.md has the steps.
#   docker build -t dateline .
FROM python:3.11-slim AS build
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
ENV HF_HUB_OFFLINE=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    DATELINE_MODEL_CACHE=/opt/dateline/models
RUN python -m venv /opt/dateline/venv
ENV PATH=/opt/dateline/venv/bin:$PATH
RUN pip install --upgrade "pip>=25"
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY api api
COPY index index
COPY rag rag
RUN pip install --constraint constraints.txt ".[offline-models]"
# Makes the models' files once, so that a container starts at once, and shows that they work.
RUN printf '%s' '{"id": "dam", "text": "The dam at Quarrow held on Friday."}' \
      | dateline --home /tmp/news ingest - \
    && dateline --home /tmp/news ask "When did the dam at Quarrow hold?" \
    && dateline --home /tmp/news verify "The dam held on Friday." --article dam
# Only making them needed these.
RUN pip uninstall --yes torch sentence-transformers transformers scikit-learn scipy sympy networkx

FROM python:3.11-slim
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent dateline \
    && install --directory --owner dateline --group dateline --mode 0700 /data
COPY --from=build /opt/dateline /opt/dateline
ENV PATH=/opt/dateline/venv/bin:$PATH \
    HF_HUB_OFFLINE=1 \
    PYTHONUNBUFFERED=1 \
    DATELINE_HOME=/data \
    DATELINE_HOST=0.0.0.0 \
    DATELINE_PORT=8000 \
    DATELINE_MODEL_CACHE=/opt/dateline/models
USER 10001:10001
VOLUME /data
EXPOSE 8000
# Ready only once the models have run; a container that is being stopped is not.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
ENTRYPOINT ["dateline"]
CMD ["serve"]
