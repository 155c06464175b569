# The sentiment function with FinBERT in it: the weights are fetched while building, and never redistributed.
FROM public.ecr.aws/lambda/python:3.13-arm64 AS build
COPY --from=ghcr.io/astral-sh/uv:0.9 /uv /usr/local/bin/uv
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY requirements requirements
COPY migrations migrations
COPY src src
RUN uv pip install --target /package --no-deps --require-hashes -r requirements/lambda-sentiment.txt \
    && uv pip install --target /package --no-deps . \
    && PYTHONPATH=/package python -m foliolens.cli.main models pull finbert --data /models \
    && python -m compileall -q /package

FROM public.ecr.aws/lambda/python:3.13-arm64
COPY --from=build /package ${LAMBDA_TASK_ROOT}
COPY --from=build /models /opt/foliolens
ENV FOLIOLENS_DATA=/opt/foliolens FOLIOLENS_SENTIMENT_MODEL=finbert
CMD ["foliolens.entrypoints.lambda_sentiment.handler"]
