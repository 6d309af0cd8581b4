"""console-script-not-copied."""

from tests.rules.marking import fires, fixed, silent

RULE = "console-script-not-copied"
SITE = "/usr/local/lib/python3.12/site-packages"
START = f"FROM python:3.12-slim AS b\nRUN pip install gunicorn\nFROM python:3.12-slim\nCOPY --from=b {SITE} {SITE}\n"


def test_fires_and_starts_the_module() -> None:
    fires(RULE, START + 'CMD [<<"gunicorn">>, "app:app"]\n')
    assert fixed(RULE, START + 'CMD ["gunicorn", "app:app"]\n').endswith(
        'CMD ["python", "-m", "gunicorn", "app:app"]\n'
    )


def test_silent() -> None:
    silent(RULE, START + 'CMD ["python", "-m", "gunicorn", "app:app"]\n')
    silent(RULE, START + 'COPY --from=b /usr/local/bin /usr/local/bin\nCMD ["gunicorn", "app:app"]\n')
    silent(RULE, START + 'RUN pip install gunicorn\nCMD ["gunicorn", "app:app"]\n')
    silent(RULE, START + 'CMD ["/srv/start", "app:app"]\n')
    silent(RULE, START + 'CMD ["my-own-program"]\n')
