"""What `senpolicy serve` answers over HTTP: the bytes that the commands print, and problems as RFC 9457 has them."""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from senpolicy import __version__
from senpolicy.caseloads import budgets as sums
from senpolicy.caseloads.files.limits import LIMITS
from senpolicy.caseloads.run import open_caseload
from senpolicy.caseloads.tariff_cohort import open_schools, read_schools
from senpolicy.checking.schemas import CASES, schemas
from senpolicy.checking.tariffs import read_plan
from senpolicy.cli.editions import under_editions
from senpolicy.cli.shared import as_json_text, day_of, load_policy
from senpolicy.comparing import tariffs
from senpolicy.deciding.cases import Case, Refused, read_text
from senpolicy.deciding.decide import Decider, Decision
from senpolicy.explaining.explainer import Explainer
from senpolicy.explaining.timeline_of_a_case import timeline as timeline_of
from senpolicy.files.digests import PlainData
from senpolicy.files.problems import PolicyError, Problem, WrongUse
from senpolicy.policy.layout import paths
from senpolicy.policy.timeline import Policy

#: No request is larger than so many bytes, nor asks about more cases.
MOST_BYTES = 1_000_000
MOST_CASES = 500
#: A tariff is asked about for so many plans.
MOST_PLANS = 20
#: What the tables of a tariff are called in its problems, and where they wait while they are read.
COHORT, SCHOOLS = "cohort.csv", "schools.csv"
IN_MEMORY = Path("/dev/shm")
#: A request waits so many seconds for those before it: cases are decided one after the other.
PATIENCE = 20.0
#: So many policies, as of different decisions, are kept ready.
KEPT = 8
PROBLEM = "application/problem+json"


class _Busy(Exception):
    """Raised where a request has waited too long for those before it."""


class _TooLarge(Exception):
    """Raised where a request is larger than one may be."""


def _tariff_asked(text: str) -> dict[str, str]:
    """Return the files of a request about a tariff by their names; raises `WrongUse` where it is not one."""
    try:
        asked = json.loads(text)
        # Half a letter, which JSON can name, cannot be written.
        json.dumps(asked, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        asked = None
    given = asked if isinstance(asked, dict) else {}
    plans = given.get("plans")
    written = [*(plans if isinstance(plans, list) else [None]), given.get("cohort"), given.get("schools")]
    if not plans or not all(isinstance(one, str) for one in written):
        raise WrongUse("Send an object with 'plans', texts in YAML, and with 'cohort' and 'schools', texts in CSV.")
    if len(plans) > MOST_PLANS:
        raise _TooLarge(f"Ask about at most {MOST_PLANS} plans at a time.")
    names = [*(f"plan-{number}.yaml" for number in range(1, len(plans) + 1)), COHORT, SCHOOLS]
    return dict(zip(names, written, strict=True))


class Answers:
    """What is answered, as the text that the commands print. Cases are decided one request at a time."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._lock = threading.Lock()
        self.policy = lru_cache(maxsize=KEPT)(self._policy)

    def _policy(self, as_of: str | None, include_proposed: bool, readings: str) -> Policy:
        return load_policy(self.root, as_of, include_proposed, readings, beside=True)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold other requests back; raises `_Busy` where those before take too long."""
        if not self._lock.acquire(timeout=PATIENCE):
            raise _Busy
        try:
            yield
        finally:
            self._lock.release()

    def decide(self, text: str, policy: Policy, everything: bool) -> str:
        """Return what `senpolicy decide --json` prints for cases."""
        results = Decider(policy).decide_all(self._cases(text, policy), everything=everything)
        return as_json_text([result.to_json() for result in results])

    def explain(self, text: str, policy: Policy, why_not: str | None, nearest: bool) -> str:
        """Return what `senpolicy explain --json` prints for cases."""
        explainer = Explainer(Decider(policy), why_not, nearest=nearest)
        results = explainer.decider.decide_all(self._cases(text, policy))
        return as_json_text(
            [(explainer.explain(one) if isinstance(one, Decision) else one).to_json() for one in results]
        )

    def timeline(self, text: str, policy: Policy, until: str | None) -> str:
        """Return what `senpolicy timeline --json` prints for cases."""
        last, decider = day_of(until) if until else None, Decider(policy)
        cases = self._cases(text, policy, beside=("changes",))
        return as_json_text(
            [(timeline_of(decider, one, last) if isinstance(one, Case) else one).to_json() for one in cases]
        )

    def budgets(self, text: str, policy: Policy, year: int, quantum: str) -> str:
        """Return what `senpolicy budgets --json` prints for a table of Communities in CSV."""
        table = sums.read_text(text, "communities", sums.formula_of(policy))
        return as_json_text(sums.work_out(policy, table, year, sums.read_quantum(quantum)).to_json())

    def tariff(self, text: str, policy: Policy, include_proposed: bool, readings: str) -> str:
        """Return what `senpolicy tariff --json` prints for plans, a cohort and a table of schools."""
        asked = _tariff_asked(text)
        # What is read is read by a process of its own, from files: these are gone when it has been.
        with tempfile.TemporaryDirectory(prefix="senpolicy-", dir=IN_MEMORY if IN_MEMORY.is_dir() else None) as folder:
            for name, content in asked.items():
                (Path(folder) / name).write_text(content, encoding="utf-8")
            plans = [read_plan(Path(folder) / name, policy.corpus) for name in asked if name.endswith(".yaml")]
            table = read_schools(open_schools(Path(folder) / SCHOOLS), policy)
            policies = under_editions(policy, (one.file.edition for one in plans), include_proposed, readings)
            caseload = open_caseload(Path(folder) / COHORT, LIMITS._replace(seconds=int(PATIENCE)))
            return as_json_text([one.to_json() for one in tariffs.answers(plans, policies, caseload, table)])

    def _cases(self, text: str, policy: Policy, beside: Sequence[str] = ()) -> list[Case | Refused]:
        cases = read_text(text, "request", policy, beside)
        if len(cases) > MOST_CASES:
            raise _TooLarge(f"Ask about at most {MOST_CASES} cases at a time.")
        return cases

    def file_names(self) -> list[str]:
        """Return the paths of the policy's own files."""
        return [path.relative_to(self.root).as_posix() for path in paths(self.root) if path.suffix == ".yaml"]


def problem(status: int, title: str, detail: str, problems: Sequence[Problem] = ()) -> tuple[int, str]:
    """Return the status and the text of a problem as RFC 9457 has it; `problems` are the engine's own."""
    told: dict[str, PlainData] = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    if problems:
        told["problems"] = [one.to_json() for one in problems]
    return status, json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def application(root: Path) -> FastAPI:
    """Return the server's application for the policy below a folder; raises `PolicyError` where that has problems."""
    answers = Answers(root)
    answers.policy(None, False, "all")  # A policy with problems is told before anybody asks.
    served = FastAPI(
        title="Funding decisions", version=__version__, docs_url=None, redoc_url=None,
        description="Decides cases by the policy as code. It keeps nothing and logs no case. Problems are RFC 9457.",
    )  # fmt: skip

    def told(status: int, text: str) -> Response:
        return Response(text, status, media_type=PROBLEM)

    def answered(make: Callable[[], str]) -> Response:
        try:
            with answers.alone():
                return Response(make(), media_type="application/json")
        except PolicyError as error:
            return told(*problem(422, "The request has problems", "Nothing of it was used.", error.problems))
        except WrongUse as error:
            return told(*problem(400, "This cannot be asked", str(error)))
        except _TooLarge as error:
            return told(*problem(413, "Too large", str(error)))
        except _Busy:
            return told(*problem(503, "Busy", "Others are being answered. Ask again in a moment."))
        except Exception:  # A traceback would be logged with what it is about.
            return told(*problem(500, "A fault of the program", "Nothing was kept. Tell who runs the server."))

    async def body(request: Request) -> str | Response:
        found = bytearray()
        async for part in request.stream():
            found += part
            if len(found) > MOST_BYTES:
                return told(*problem(413, "Too large", f"Send at most {MOST_BYTES:,} bytes."))
        try:
            return found.decode("utf-8-sig")
        except UnicodeDecodeError:
            return told(*problem(400, "Not UTF-8", "Send the request in UTF-8."))

    async def from_body(request: Request, make: Callable[[str], str]) -> Response:
        text = await body(request)
        return text if isinstance(text, Response) else await run_in_threadpool(answered, lambda: make(text))

    cases = {"requestBody": {"required": True, "description": "One case, or a list; see /cases.schema.json.",
                             "content": {"application/json": {"schema": {"$ref": "/cases.schema.json"}}}}}  # fmt: skip
    table = {"requestBody": {"required": True, "description": "A row for each Community; see the guide.",
                             "content": {"text/csv": {"schema": {"type": "string"}}}}}  # fmt: skip

    text = {"type": "string"}
    parts = {
        "plans": {"type": "array", "items": text, "description": "Plans in YAML."},
        "cohort": text | {"description": "A row for each pupil, in CSV."},
        "schools": text | {"description": "What schools are paid today, in CSV."},
    }
    told_plans = {"type": "object", "required": list(parts), "properties": parts}
    plans = {"requestBody": {"required": True, "content": {"application/json": {"schema": told_plans}}}}

    @served.post("/decide", openapi_extra=cases, summary="Decide cases and say why")
    async def decide(
        request: Request, as_of: str | None = None, include_proposed: bool = False, readings: str = "all",
        everything: bool = False,
    ) -> Response:  # fmt: skip
        return await from_body(
            request, lambda text: answers.decide(text, answers.policy(as_of, include_proposed, readings), everything)
        )

    @served.post(
        "/explain", openapi_extra=cases, summary="Explain cases: why, what is possible, why not another answer"
    )
    async def explain(
        request: Request, why_not: str | None = None, nearest: bool = False, as_of: str | None = None,
        include_proposed: bool = False, readings: str = "all",
    ) -> Response:  # fmt: skip
        return await from_body(
            request,
            lambda text: answers.explain(text, answers.policy(as_of, include_proposed, readings), why_not, nearest),
        )

    @served.post("/timeline", openapi_extra=cases, summary="The days on which any answer of a case changes")
    async def timeline(
        request: Request, until: str | None = None, as_of: str | None = None, include_proposed: bool = False,
        readings: str = "all",
    ) -> Response:  # fmt: skip
        return await from_body(
            request, lambda text: answers.timeline(text, answers.policy(as_of, include_proposed, readings), until)
        )

    @served.post("/budgets", openapi_extra=table, summary="Work out the Communities' budgets of a year")
    async def budgets(
        request: Request, year: int, quantum: str, as_of: str | None = None, include_proposed: bool = False
    ) -> Response:
        return await from_body(
            request, lambda text: answers.budgets(text, answers.policy(as_of, include_proposed, "all"), year, quantum)
        )

    @served.post("/tariff", openapi_extra=plans, summary="Cost plans of bands and rates over a mapped cohort")
    async def tariff(
        request: Request, as_of: str | None = None, include_proposed: bool = False, readings: str = "all"
    ) -> Response:
        return await from_body(
            request,
            lambda text: answers.tariff(
                text, answers.policy(as_of, include_proposed, readings), include_proposed, readings
            ),
        )

    @served.get("/cases.schema.json", summary="The JSON Schema of cases")
    def schema() -> Response:
        return answered(lambda: json.dumps(schemas(None, answers.policy(None, False, "all").corpus)[CASES]))

    @served.get("/policy", summary="The names of the policy's own files")
    def policy_files() -> Response:
        return answered(lambda: as_json_text(answers.file_names()))

    @served.get("/policy/{name:path}", summary="One of the policy's own files")
    def policy_file(name: str) -> Response:
        if name not in answers.file_names():
            return told(*problem(404, "Not there", "This is not a file of the policy; /policy lists them."))
        return PlainTextResponse((root / name).read_text(encoding="utf-8"))

    @served.exception_handler(RequestValidationError)
    async def unread(request: Request, error: RequestValidationError) -> Response:
        wrong = ", ".join(str(one["loc"][-1]) for one in error.errors())
        return told(*problem(400, "This cannot be asked", f"Look at these options: {wrong}. /openapi.json has all."))

    @served.exception_handler(HTTPException)
    async def elsewhere(request: Request, error: HTTPException) -> Response:
        said = "This is not something to ask. /openapi.json has all."
        return told(*problem(error.status_code, HTTPStatus(error.status_code).phrase, said))

    return served
