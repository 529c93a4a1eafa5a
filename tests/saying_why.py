"""Everybody says why they keep, give, open or add something of one request, each time in marked words."""

from __future__ import annotations

import io
from typing import Any
from uuid import UUID

from sqlalchemy import select

from service_request.domain.references import format_reference
from service_request.models import File, Grant, GrantWhy, ServiceRequest, SightBar, Task, TaskKind


def say_why(story: Any, request_id: UUID) -> None:
    """Bar, give, restrict, open in an emergency and review it, add a file, and take it all back."""
    county, said, base = story.county, story.marks.text, f"/staff/requests/{request_id}"
    officer, manager, ian = (
        story.staff(county.officer),
        story.manager_of(request_id),
        story.staff(county.service_manager),
    )

    def post(who: Any, path: str, **fields: Any) -> None:
        page = who.post(path, **fields)
        assert page.status == 302, (path, page.words[:1500])
        assert who.follow(page).status == 200

    content = io.BytesIO(f"{said()}\n".encode())
    post(officer, f"{base}/files", files=(content, "letter.txt"), words=said())
    post(officer, f"{base}/bar", person=str(county.officer_two.id), reason="knows_them", words=said())
    whom, day = f"team:{county.locality}", ["18", "11", "2026"]
    post(manager, f"{base}/give", whom=whom, reason="advice", words=said(), parts=["story"], last_day=day)
    (grant_id,) = story.all(select(Grant.id).where(Grant.request_id == request_id, Grant.why == GrantWhy.SHARE))
    assert story.staff(county.locality_worker).get(f"/staff/given/{grant_id}").status == 200
    post(manager, f"{base}/restrict", words=said(), reason="known_here", keepers=[str(county.manager.id)])
    reference = format_reference(story.all(select(ServiceRequest.reference).where(ServiceRequest.id == request_id))[0])
    for typed in (story.marks.word(), reference):
        opened = officer.post("/staff/break-glass", reference=typed, reason="danger", words=said())
    assert officer.follow(opened).status == 200
    (task_id,) = story.all(select(Task.id).where(Task.kind == TaskKind.GLASS_BROKEN))
    assert ian.get(f"/staff/tasks/{task_id}/review").status == 200
    post(ian, f"/staff/tasks/{task_id}/review", verdict="right")
    post(officer, f"{base}/end-glass")
    post(manager, f"{base}/unrestrict", words=said())
    (bar_id,) = story.all(select(SightBar.id).where(SightBar.request_id == request_id))
    post(manager, f"{base}/bars/{bar_id}/lift", words=said())
    assert story.all(select(File.id).where(File.owner_id == request_id))
