"""The task list of a form: sections in groups, each with what is missing, as a referrer sees them (GL-3)."""

from dataclasses import dataclass, field
from enum import StrEnum

from service_request.asking.steps import FormContext
from service_request.domain.consent import Told
from service_request.domain.people import age_or_due
from service_request.pathways.social_care.codes import PUBLIC_KINDS, WHO_TOLD, FormKind, label_of, lower_first
from service_request.pathways.social_care.forms import Gap, about, gaps, of_kind, problems
from service_request.pathways.social_care.steps import Answers, PlacedStep, step_values, steps_of, told_answer

_GROUPS: tuple[tuple[str, str], ...] = (
    ("before", "Before you start"),
    ("family", "Children and family"),
    ("concerns", "Your concerns"),
    ("you", "You and your agency"),
)


class TaskState(StrEnum):
    """Say how far a section is."""

    NOT_STARTED = "not_started"
    MISSING = "missing"
    TO_CORRECT = "to_correct"
    COMPLETED = "completed"


@dataclass(slots=True)
class Task:
    """One section: one or more pages that are answered together."""

    label: str
    keys: list[str] = field(default_factory=list)
    opens: str = ""  # the page to open: the first with a gap or a mistake, else the first
    hint: str = ""
    missing: int = 0
    to_correct: int = 0
    state: TaskState = TaskState.NOT_STARTED


@dataclass(frozen=True, slots=True)
class TaskGroup:
    """Sections under one heading."""

    slug: str
    title: str
    tasks: list[Task]


def groups(kind: FormKind) -> tuple[tuple[str, str], ...]:
    """Return (slug, title) of the task list's headings, in order; the short forms and a call have none."""
    return () if kind in PUBLIC_KINDS or kind is FormKind.CALL else _GROUPS


def task_list(kind: FormKind, answers: Answers, context: FormContext) -> list[TaskGroup]:
    """Return the sections of a form in their groups, each with its state and what it lacks."""
    answers = of_kind(kind, answers)
    lacking: dict[str, list[Gap]] = {}
    for gap in gaps(kind, answers, context):
        lacking.setdefault(gap.key, []).append(gap)
    wrong = [problem.key for problem in problems(kind, answers, context)]
    started = {key for key, page in answers.items() if any(page.values())}
    sections: dict[tuple[str, str, int | None], Task] = {}
    for placed in steps_of(kind, answers):
        step = placed.form_class
        number = placed.number if "{child}" in step.short else None
        task = sections.setdefault((step.group, step.short, number), Task(_label(placed, answers, context)))
        task.keys.append(placed.key)
    for task in sections.values():
        _sum_up(task, lacking, [key for key in wrong if key in task.keys], started)
        if "told" in task.keys and not task.missing:
            task.hint = told_hint(answers)
    titles = dict(groups(kind))
    order = list(dict.fromkeys(group for group, _, _ in sections))
    return [
        TaskGroup(slug, titles.get(slug, ""), [task for (group, _, _), task in sections.items() if group == slug])
        for slug in order
    ]


def progress(listed: list[TaskGroup]) -> tuple[int, int]:
    """Return how many sections are completed, and of how many."""
    tasks = [task for group in listed for task in group.tasks]
    return sum(task.state is TaskState.COMPLETED for task in tasks), len(tasks)


def told_hint(answers: Answers) -> str:
    """Return the gate's answer in a line: "Yes: their mother was told"."""
    told = told_answer(answers)
    if told == Told.YES:
        agreed = next((placed for placed in steps_of(FormKind.FULL, answers) if placed.key == "agrees"), None)
        values = step_values(answers, agreed) if agreed else None
        whom = " and ".join(lower_first(label_of(WHO_TOLD, code)) for code in values.all("who_told")) if values else ""
        told_on = values.day("told_on") if values else None
        when = f" on {told_on.day} {told_on:%B}" if told_on else ""
        many = "were" if " and " in whom else "was"
        return f"Yes: {whom} {many} told{when}" if whom else "Yes"
    said = {Told.NOT_YET: "Not yet", Told.RISK: "No: a risk to the child", Told.IN_PRINCIPLE: "Without names"}
    return next((words for code, words in said.items() if code == told), "")


def _label(placed: PlacedStep, answers: Answers, context: FormContext) -> str:
    label = placed.form_class.short
    if "{child}" not in label:
        return label
    key = f"child.{placed.number}.who"
    who = next((one for one in steps_of(FormKind.FULL, answers) if one.key == key), None)
    values = step_values(answers, who) if who else None
    age = age_or_due(values.day("birth_on"), values.day("expected_on"), context.today) if values else ""
    return ", ".join(filter(None, (label.replace("{child}", about(placed, answers)), age)))


def _sum_up(task: Task, lacking: dict[str, list[Gap]], wrong: list[str], started: set[str]) -> None:
    missing = [gap for key in task.keys for gap in lacking.get(key, ())]
    task.missing, task.to_correct = len(missing), len(wrong)
    is_started = any(key in started for key in task.keys)
    task.opens = next((key for key in task.keys if key in wrong or key in lacking), task.keys[0])
    if is_started and wrong:
        task.state = TaskState.TO_CORRECT
    elif not is_started:
        task.state = TaskState.NOT_STARTED
    elif missing:
        task.state = TaskState.MISSING
        names = ", ".join(lower_first(gap.short) for gap in missing)
        task.hint = names[:1].upper() + names[1:]
    else:
        task.state = TaskState.COMPLETED
