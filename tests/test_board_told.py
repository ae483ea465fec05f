"""What members are told: that a decision was reopened, that an appeal waits, that nobody is left to rate."""

from __future__ import annotations

from bs4 import BeautifulSoup

from board_app import Running, boards
from board_proof import CHANGE, PLAN, ratings
from senpolicy_board.judging import NO_NEED
from senpolicy_board.tables import BoardCase, BoardOutcome, Loaded, Scoring
from test_board_meetings import agree, cases, close, meets, rated, said, settle

first, board = boards(rated)
WHY = {"because": "A report was left out."}


def test_a_notice_of_a_decision_that_was_reopened_says_so_and_blames_no_policy(board: Running) -> None:
    case = cases(board)[0]
    agree(board, case)
    board["chair"].post(f"/cases/{case.key}/notice", {})
    told = said(board["officer"].get(f"/cases/{case.key}/notice"))
    assert ("The policy here says otherwise" in told, "reopened" in told) == (False, False)
    board.clock.pass_by(minutes=1)
    board["mod-2"].post(f"/cases/{case.key}/conflict", {"kind": "friend"})
    told = said(board["officer"].get(f"/cases/{case.key}/notice"))
    assert "This decision was reopened on 5 October 2026 and no longer counts." in told
    assert "This notice has not been replaced yet." in told
    assert "The policy here says otherwise" not in told
    row = said(board["chair"].get("/"))
    assert f"{case.ref} 1 October 2026 reopened, since a member declared an interest" in row, "and the chair is told"
    board["mod-3"].post(f"/cases/{case.key}/score", ratings(case.level))
    agree(board, case)
    assert "issue the notice of that" in said(board["officer"].get(f"/cases/{case.key}/notice"))
    board["chair"].post(f"/cases/{case.key}/notice", {})
    page = board["officer"].get(f"/cases/{case.key}/notice")
    assert "no longer counts" not in said(page), "the newer notice is of the decision that counts"
    older = page.select_one("#issued + ul a")
    assert older
    assert "Another notice has been issued since." in said(board["officer"].get(str(older["href"])))


def test_a_case_that_nobody_may_rate_is_reported_to_the_chair(board: Running) -> None:
    case = cases(board)[1]
    board["mod-2"].post(f"/cases/{case.key}/conflict", {"kind": "friend"})
    assert case.ref not in said(board["chair"].get("/")), "the third moderator may rate it"
    board["mod-3"].post(f"/cases/{case.key}/conflict", {"kind": "friend"})
    stuck = "No moderator is left who may rate this case."
    assert f"{case.ref} 1 October 2026 {stuck}" in said(board["chair"].get("/"))
    assert stuck in said(board["chair"].get(f"/cases/{case.key}/decide"))


def test_an_appeal_reaches_the_chairs_work_and_so_does_what_follows_from_it(board: Running) -> None:
    case = cases(board)[0]
    agree(board, case, "mod-1")
    with board.store.reading():
        outcome = BoardOutcome.objects.get()
    board["officer"].post(f"/outcomes/{outcome.key}/appeal", WHY)
    assert f"{case.ref} 1 October 2026 an appeal waits Reopen it, or dismiss the appeal" in said(
        board["chair"].get("/")
    )
    assert "an appeal waits" not in said(board["mod-2"].get("/"))
    board["chair"].post(f"/outcomes/{outcome.key}/reopen", WHY)
    for path in ("/", meets(board)):
        assert "reopened on appeal" in said(board["chair"].get(path)), path


def test_who_may_not_see_a_case_does_not_count_towards_its_quorum_and_the_page_says_who_does(board: Running) -> None:
    case, path = cases(board)[1], meets(board)
    there = [str(box["value"]) for box in board["chair"].get(path).select("input[name=present]")]
    sent = {"version": "2", "present": [there[0], there[1], there[3]], "minutes": ""}
    assert board["chair"].post(path, sent).status_code == 200
    page = board["mod-1"].get(f"/cases/{case.key}/decide")
    assert "2 of its members may decide it, and 3 must be present" in said(page)
    assert "Chair, Mod 1 count towards its quorum." in said(page), "the third moderator has not rated it"
    assert [one["value"] for one in page.select("#meeting option")] == [""]
    answer = board["mod-1"].post(f"/cases/{case.key}/decide", CHANGE | {"meeting": path.rsplit("/", 1)[1]})
    assert (answer.status_code, "not quorate for this case" in answer.text) == (422, True)


def test_a_meeting_decides_nothing_before_its_day(board: Running) -> None:
    case = cases(board)[1]
    sent = {"title": "January", "area": "area_1", "day": "12", "month": "1", "year": "2027"}
    path = str(board["chair"].post("/meetings", sent).url.path)
    there = [str(box["value"]) for box in board["chair"].get(path).select("input[name=present]")]
    board["chair"].post(path, {"version": "1", "present": there, "minutes": ""})
    meeting = CHANGE | {"meeting": path.rsplit("/", 1)[1]}
    answer = board["mod-1"].post(f"/cases/{case.key}/decide", meeting)
    assert (answer.status_code, "This meeting is on 12 January 2027." in answer.text) == (422, True)
    board.clock.pass_by(days=99)
    for one in ("chair", "mod-1"):
        board[one].sign_in(one)
    assert board["mod-1"].post(f"/cases/{case.key}/decide", meeting).status_code == 200


def test_a_case_with_a_rating_that_gives_no_level_comes_first_on_the_agenda(board: Running) -> None:
    unlike = cases(board)[1]
    with board.store.reading():
        rated_by = Scoring.objects.filter(confirmed_at__isnull=False).values("case")
        case = BoardCase.objects.filter(picks__isnull=False, level__isnull=False).exclude(pk__in=rated_by)[0]
    for who, level in (("mod-1", f"={NO_NEED}"), ("mod-2", str(case.level))):
        assert board[who].post(f"/cases/{case.key}/score", ratings(level)).status_code == 200
    page = board["chair"].get(meets(board))
    shown = [one.text for one in page.select("[aria-label=Agenda] tbody th")]
    assert shown[:2] == [case.ref, unlike.ref]
    row = page.select_one("[aria-label=Agenda] tbody tr")
    assert row
    assert "a rating gives no level not known" in said(BeautifulSoup(str(row), "html.parser"))
    page = board["chair"].get(f"/cases/{case.key}/decide")
    assert "No level: no need in any area" in said(page)
    label = page.select_one("label[for=kind-agreed]")
    assert label
    assert "give a reason, and another member must approve" in label.text


def test_the_record_of_a_meeting_says_what_was_decided_and_stays_as_it_was_closed(board: Running) -> None:
    unlike = cases(board)[1]
    path = meets(board)
    meeting = {"meeting": path.rsplit("/", 1)[1]}
    board["mod-1"].post(f"/cases/{unlike.key}/decide", CHANGE | meeting)
    settle(board, unlike.key, "mod-2", "decline", because="The report is of one term.")
    board["mod-1"].post(f"/cases/{unlike.key}/decide", CHANGE | meeting | {"outcomes": "1"})
    settle(board, unlike.key, "mod-2")
    with board.store.reading():
        kept = BoardOutcome.objects.get(state="stands")
    board["mod-3"].post(f"/outcomes/{kept.key}/dissent", {"because": "The lower level fits."})
    text = said(close(board, path))
    level = board.app.board.policies.level_label(CHANGE["to"], unlike.decision_date)
    for words in (f"to {level}. Reason: {CHANGE['reason']} Rests on", "CL-LEARNING-5", "approved by Mod 2",
                  "declined by Mod 2", "Why declined: The report is of one term.", "Second member",
                  "Dissent of Mod 3: The lower level fits.", "4 of those present were members who decide; 3 had to",
                  "None of those present had declared an interest in a school or Community, or in a case decided here.",
                  "1 case of its agenda was left over."):  # fmt: skip
        assert words in text, (words, text)
    before = board["chair"].get(path).select_one("[aria-label=Outcomes]")
    board.clock.pass_by(minutes=1)
    board["mod-1"].post(f"/cases/{unlike.key}/conflict", {"kind": "friend"})
    page = board["chair"].get(path)
    assert str(page.select_one("[aria-label=Outcomes]")) == str(before), "as it was closed"
    assert f"Since then {unlike.ref}: reopened. The outcome above no longer counts." in said(page)


def test_a_descriptor_on_which_a_change_rests_is_of_the_level_to_which_it_is_changed(board: Running) -> None:
    case = cases(board)[1]
    other = CHANGE | {"to": "specific_allocation_3"}
    answer = board["mod-1"].post(f"/cases/{case.key}/decide", other)
    assert (answer.status_code, "This descriptor is of Specific allocation 2" in answer.text) == (422, True)
    whole = other | {"paragraph": "own-illustration/all"}
    assert board["mod-1"].post(f"/cases/{case.key}/decide", whole).status_code == 200


def test_a_form_with_a_problem_says_so_in_its_title_and_which_area_is_left(board: Running) -> None:
    with board.store.reading():
        case = BoardCase.objects.filter(picks__isnull=False, scorings=None).first()
    assert case
    form = f"/cases/{case.key}/score"
    assert not str(board["mod-3"].get(form).title).startswith("<title>Error:")
    sent = ratings("sen_support")
    del sent["area_cognition_and_learning"]
    answer = board["mod-3"].post(form, sent)
    assert answer.status_code == 422
    page = BeautifulSoup(answer.text, "html.parser")
    assert str(page.title).startswith("<title>Error:")
    assert "Rate every area. Still to rate: Cognition and learning." in said(page)


def test_a_number_that_a_plan_cannot_have_is_told_on_the_form_and_so_is_a_sample_before(board: Running) -> None:
    with board.store.reading():
        form = f"/caseloads/{Loaded.objects.get().key}/sample"
    answer = board["chair"].post(form, PLAN | {"per_cent": "150"})
    page = BeautifulSoup(answer.text, "html.parser")
    assert answer.status_code == 422
    assert "Share of each stratum, in per cent, must be a whole number from 0 to 100." in said(page)
    typed = page.select_one("#per_cent")
    assert typed
    assert typed["value"] == "150", "what was typed stays"
    assert "A sample has been drawn of this caseload already." in said(board["chair"].get(form))


def test_a_page_that_stops_has_the_bar_and_the_way_out(board: Running) -> None:
    page = board["mod-3"].get("/meetings/none", 404)
    assert page.select("nav.bar a[href='/meetings']")
    assert page.select("form[action='/sign-out']")
